/** A part of imago that needs permissions of its own: groups and their images, clones of them, what sends traffic, image families, the store. */
export type GcpFeature =
  'groups' | 'clone' | 'urlMap' | 'regionUrlMap' | 'backendService' | 'regionBackendService' | 'imageFamily' | 'gcs'

/** What a permission is about that need not be in the project of the groups, or has a policy of its own. */
export type Elsewhere = 'images' | 'networks' | 'serviceAccounts' | 'bucket'

/** Permissions that are needed together, on the same resources. */
export interface Permission {
  readonly permissions: readonly string[]
  /** @default - the project of the groups */
  readonly on?: Elsewhere
}

/** What a part of imago needs: to look and plan, and what it changes beyond that. */
export interface Needs {
  readonly plan: readonly Permission[]
  readonly roll: readonly Permission[]
}

/** Permissions of the Compute API on the project: `{ images: ['get', 'list'] }`. */
function compute(verbs: Readonly<Record<string, readonly string[]>>, on?: Elsewhere): Permission {
  const permissions = Object.entries(verbs).flatMap(([kind, all]) => all.map((verb) => `compute.${kind}.${verb}`))
  return { permissions, ...(on === undefined ? {} : { on }) }
}

/** To make a backend service is to use what the one has that it is made like: its health checks, wherever they are. */
const CHECKS = { healthChecks: ['useReadOnly'], regionHealthChecks: ['useReadOnly'] }
const CHANGES = ['create', 'delete', 'update', 'use']

/**
 * What each part needs, as Google Cloud knows it. Regional URL maps, backend services and health checks have permissions of their own,
 * regional groups, templates and autoscalers those of the others.
 *
 * Source: Google's reference of the Compute API, which names the permissions of each method and of what a request names. It does not say that managed groups
 * ask for the plain group behind them (`compute.instanceGroups.create`, `.delete`): roles in use have needed that.
 */
export const NEEDS: Readonly<Record<GcpFeature, Needs>> = {
  groups: {
    plan: [
      compute({
        autoscalers: ['get'],
        disks: ['list'],
        instanceGroupManagers: ['get', 'list'],
        instanceTemplates: ['get'],
        instances: ['list'],
        machineTypes: ['get'],
        zoneOperations: ['list'],
      }),
      compute({ images: ['get'] }, 'images'),
    ],
    roll: [
      compute({
        autoscalers: ['update'],
        globalOperations: ['get'],
        instanceGroupManagers: ['update'],
        instanceTemplates: ['create', 'delete', 'list', 'useReadOnly'],
        regionOperations: ['get'],
        zoneOperations: ['get'],
      }),
      compute({ images: ['useReadOnly'] }, 'images'),
      compute({ subnetworks: ['use'] }, 'networks'),
      // Whoever makes a template hands its instances their service account.
      { permissions: ['iam.serviceAccounts.actAs'], on: 'serviceAccounts' },
    ],
  },
  clone: {
    plan: [],
    roll: [
      compute({
        autoscalers: ['create', 'delete'],
        // A group is deleted once it is in no backend service any more, whoever put it into one.
        backendServices: ['list'],
        regionBackendServices: ['list'],
        ...CHECKS,
        instanceGroupManagers: ['create', 'delete', 'use'],
        instanceGroups: ['create', 'delete', 'get', 'update'],
      }),
    ],
  },
  urlMap: {
    plan: [compute({ backendServices: ['get', 'list'], urlMaps: ['get'] })],
    roll: [compute({ backendServices: CHANGES, ...CHECKS, instanceGroups: ['use'], urlMaps: ['update'] })],
  },
  regionUrlMap: {
    plan: [compute({ regionBackendServices: ['get', 'list'], regionUrlMaps: ['get'] })],
    roll: [
      // A backend service is looked for among the global ones first.
      compute({ backendServices: ['get'] }),
      compute({ regionBackendServices: CHANGES, ...CHECKS, instanceGroups: ['use'], regionUrlMaps: ['update'] }),
    ],
  },
  backendService: {
    plan: [compute({ backendServices: ['get'] })],
    roll: [compute({ backendServices: ['update'], instanceGroups: ['use'] })],
  },
  regionBackendService: {
    plan: [compute({ regionBackendServices: ['get'] })],
    roll: [compute({ backendServices: ['get'], regionBackendServices: ['update'], instanceGroups: ['use'] })],
  },
  imageFamily: { plan: [compute({ images: ['getFromFamily'] }, 'images')], roll: [] },
  gcs: {
    plan: [],
    // What is written over counts as deleted.
    roll: [
      {
        permissions: ['create', 'delete', 'get', 'list'].map((verb) => `storage.objects.${verb}`),
        on: 'bucket',
      },
    ],
  },
}
