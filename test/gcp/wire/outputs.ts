import { groupPrint, print } from './fingerprint.ts'
import { calculated, isReached, isStable } from './members.ts'
import { countOf, surgeOf, unavailableOf } from './policy.ts'
import {
  urlOf,
  zoneName,
  type AutoscalerRecord,
  type ErrorRecord,
  type GroupRecord,
  type ImageRecord,
  type InstanceRecord,
  type Json,
  type OperationRecord,
  type Project,
  type TemplateRecord,
} from './project.ts'

/** An image as `images.get` answers. */
export function imageOutput(project: Project, one: ImageRecord): Json {
  return {
    kind: 'compute#image',
    id: one.id,
    name: one.name,
    selfLink: urlOf(project, `global/images/${one.name}`),
    creationTimestamp: moment(one.createdAt),
    status: one.status,
    sourceType: 'RAW',
    diskSizeGb: one.diskSizeGb,
    archiveSizeBytes: '1073741824',
    architecture: one.architecture,
    storageLocations: ['eu'],
    labels: { 'build-id': 'b-17' },
    labelFingerprint: '42WmSpB8rSM=',
    guestOsFeatures: [{ type: 'UEFI_COMPATIBLE' }],
    ...(one.family === undefined ? {} : { family: one.family }),
    ...(one.deprecated === undefined ? {} : { deprecated: one.deprecated }),
  }
}

/** A template as `instanceTemplates.get` answers. */
export function templateOutput(project: Project, one: TemplateRecord): Json {
  return {
    kind: 'compute#instanceTemplate',
    id: one.id,
    name: one.name,
    description: one.description ?? '',
    ...whereabouts(project, one.path),
    selfLink: urlOf(project, one.path),
    creationTimestamp: moment(one.createdAt),
    properties: one.properties,
  }
}

/** A group as `instanceGroupManagers.get` answers. */
export function groupOutput(project: Project, group: GroupRecord): Json {
  const isRegional = group.path.startsWith('regions/')
  const scaler = [...project.autoscalers.values()].find((one) => one.target === group.path)
  return {
    ...group.more,
    kind: 'compute#instanceGroupManager',
    id: group.id,
    name: group.name,
    ...whereabouts(project, group.path),
    selfLink: urlOf(project, group.path),
    instanceGroup: groupUrl(project, group.path),
    ...(group.description === undefined ? {} : { description: group.description }),
    instanceTemplate: urlOf(project, group.versions[0]!.template),
    creationTimestamp: moment(group.createdAt),
    baseInstanceName: group.baseInstanceName,
    fingerprint: groupPrint(group),
    targetSize: group.targetSize,
    versions: group.versions.map((one) => ({
      ...(one.name === undefined ? {} : { name: one.name }),
      instanceTemplate: urlOf(project, one.template),
      ...targetOutput(group, one),
    })),
    currentActions: actionsOf(group),
    updatePolicy: {
      type: group.updateType,
      minimalAction: group.minimalAction ?? 'REPLACE',
      ...(group.mostDisruptive === undefined ? {} : { mostDisruptiveAllowedAction: group.mostDisruptive }),
      replacementMethod: group.replacementMethod,
      maxSurge: { ...surgeOf(group), calculated: countOf(group, surgeOf(group), 'up') },
      maxUnavailable: { ...unavailableOf(group), calculated: countOf(group, unavailableOf(group), 'down') },
      ...(isRegional ? { instanceRedistributionType: group.redistribution ?? 'PROACTIVE' } : {}),
    },
    ...(group.healthChecked
      ? { autoHealingPolicies: [{ healthCheck: urlOf(project, 'global/healthChecks/web'), initialDelaySec: 60 }] }
      : {}),
    ...(isRegional
      ? {
          distributionPolicy: {
            zones: group.zones.map((zone) => ({ zone: urlOf(project, `zones/${zoneName(project, zone)}`) })),
            targetShape: 'EVEN',
          },
        }
      : {}),
    listManagedInstancesResults: group.paginated ? 'PAGINATED' : 'PAGELESS',
    status: {
      isStable: isStable(group),
      versionTarget: { isReached: isReached(group) },
      stateful: { hasStatefulConfig: group.stateful, perInstanceConfigs: { allEffective: true } },
      allInstancesConfig: { effective: true },
      ...(scaler === undefined ? {} : { autoscaler: urlOf(project, scaler.path) }),
    },
  }
}

function targetOutput(group: GroupRecord, one: GroupRecord['versions'][number]): Json {
  const count = calculated(group, one)
  if (count === undefined) return {}
  return { targetSize: { calculated: count, ...(one.fixed === undefined ? { percent: one.percent } : { fixed: one.fixed }) } }
}

/** Every action is counted, those that nobody is at as well. */
function actionsOf({ instances }: GroupRecord): Json {
  const counts = {
    abandoning: 0,
    creating: 0,
    creatingWithoutRetries: 0,
    deleting: 0,
    none: 0,
    recreating: 0,
    refreshing: 0,
    restarting: 0,
    verifying: 0,
  }
  for (const { action } of instances.values()) counts[action.toLowerCase() as keyof typeof counts]++
  return counts
}

/** An instance as `listManagedInstances` lists it; without a machine it has no number, and no status. */
export function managedOutput(project: Project, one: InstanceRecord): Json {
  return {
    name: one.name,
    instance: instanceUrl(project, one),
    currentAction: one.action,
    version: {
      instanceTemplate: urlOf(project, one.template),
      ...(one.versionName === undefined ? {} : { name: one.versionName }),
    },
    ...(one.machine === undefined ? {} : { id: one.machine.number }),
    ...(one.status === undefined ? {} : { instanceStatus: one.status }),
    ...(one.health === undefined
      ? {}
      : { instanceHealth: [{ detailedHealthState: one.health, healthCheck: urlOf(project, 'global/healthChecks/web') }] }),
    ...(one.lastErrors.length === 0 ? {} : { lastAttempt: { errors: { errors: one.lastErrors } } }),
  }
}

/** An entry of a group's log as `listErrors` lists it. */
export function errorOutput(project: Project, { at, code, message, instance }: ErrorRecord): Json {
  const version = {
    instanceTemplate: urlOf(project, instance.template),
    ...(instance.versionName === undefined ? {} : { name: instance.versionName }),
  }
  return {
    timestamp: moment(at),
    error: { code, message },
    instanceActionDetails: { action: 'CREATING', instance: instanceUrl(project, instance), version },
  }
}

/** A machine as `instances.list` lists it. */
export function instanceOutput(project: Project, one: InstanceRecord): Json {
  const { number = '0', launchedAt = 0, address = '' } = one.machine ?? {}
  return {
    kind: 'compute#instance',
    id: number,
    name: one.name,
    status: one.status,
    zone: urlOf(project, `zones/${zoneName(project, one.zone)}`),
    selfLink: instanceUrl(project, one),
    creationTimestamp: moment(launchedAt),
    machineType: urlOf(project, `zones/${zoneName(project, one.zone)}/machineTypes/e2-small`),
    disks: [{ boot: true, type: 'PERSISTENT', mode: 'READ_WRITE', deviceName: 'boot', source: diskUrl(project, one) }],
    networkInterfaces: [{ name: 'nic0', network: urlOf(project, 'global/networks/default'), networkIP: address }],
    metadata: { fingerprint: 'x', items: [{ key: 'instance-template', value: `projects/1/${one.template}` }] },
  }
}

/** A boot disk as `disks.list` lists it. */
export function diskOutput(project: Project, one: InstanceRecord): Json {
  return {
    kind: 'compute#disk',
    id: `${one.machine?.number ?? '0'}1`.slice(-19),
    name: one.name,
    status: 'READY',
    sizeGb: '10',
    zone: urlOf(project, `zones/${zoneName(project, one.zone)}`),
    selfLink: diskUrl(project, one),
    users: [instanceUrl(project, one)],
    ...one.machine?.image,
  }
}

function diskUrl(project: Project, { name, zone }: InstanceRecord): string {
  return urlOf(project, `zones/${zoneName(project, zone)}/disks/${name}`)
}

/** An autoscaler as `autoscalers.get` answers. */
export function autoscalerOutput(project: Project, one: AutoscalerRecord): Json {
  return {
    kind: 'compute#autoscaler',
    id: one.id,
    name: one.name,
    selfLink: urlOf(project, one.path),
    ...whereabouts(project, one.path),
    target: urlOf(project, one.target),
    status: 'ACTIVE',
    autoscalingPolicy: {
      coolDownPeriodSec: 60,
      cpuUtilization: { utilizationTarget: 0.6 },
      ...one.policy,
      minNumReplicas: one.min,
      maxNumReplicas: one.max,
      mode: one.mode,
    },
    ...(one.recommended === undefined ? {} : { recommendedSize: one.recommended }),
  }
}

/** The plain group behind a managed one, as `instanceGroups.get` answers. */
export function plainGroupOutput(project: Project, { path, name, id, namedPorts = [], instances }: GroupRecord): Json {
  return {
    kind: 'compute#instanceGroup',
    id,
    name,
    ...whereabouts(project, path),
    selfLink: groupUrl(project, path),
    fingerprint: print(namedPorts),
    size: instances.size,
    namedPorts,
  }
}

/** An operation as every change answers. */
export function operationOutput(project: Project, one: OperationRecord): Json {
  const failed = one.isDone ? one.failed : undefined
  return {
    kind: 'compute#operation',
    id: one.id,
    name: one.path.split('/').at(-1),
    operationType: one.type,
    ...(one.statusMessage === undefined ? {} : { statusMessage: one.statusMessage }),
    targetLink: urlOf(project, one.target),
    status: one.isDone ? 'DONE' : 'RUNNING',
    progress: one.isDone ? 100 : 0,
    insertTime: moment(one.startedAt),
    startTime: moment(one.startedAt),
    ...(one.isDone ? { endTime: moment(one.endsAt) } : {}),
    ...whereabouts(project, one.path),
    selfLink: urlOf(project, one.path),
    ...(failed === undefined
      ? {}
      : {
          error: { errors: [{ code: failed.code, message: failed.message }] },
          httpErrorStatusCode: failed.status,
          httpErrorMessage: 'BAD REQUEST',
        }),
  }
}

/** The zone or region that something is of; what is global is of none. */
export function whereabouts(project: Project, path: string): Json {
  const [kind = '', location = ''] = path.split('/')
  return kind === 'global' ? {} : { [kind.slice(0, -1)]: urlOf(project, `${kind}/${location}`) }
}

/** The plain group behind a managed one. */
export function groupUrl(project: Project, path: string): string {
  return urlOf(project, path.replace('instanceGroupManagers', 'instanceGroups'))
}

/** An instance's URL. */
export function instanceUrl(project: Project, { name, zone }: InstanceRecord): string {
  return urlOf(project, `zones/${zoneName(project, zone)}/instances/${name}`)
}

/** As Google writes moments: in a zone of the west. */
function moment(at: number): string {
  return new Date(at - 8 * 3_600_000).toISOString().replace('Z', '-08:00')
}
