/**
 * A part of imago that needs permissions of its own: scale sets, clones of them, rolling by Azure's own upgrade, what sends traffic, where
 * images are, the store.
 */
export type AzureFeature =
  | 'scaleSets'
  | 'clone'
  | 'rollingUpgrade'
  | 'loadBalancer'
  | 'ruleSwap'
  | 'applicationGateway'
  | 'trafficManager'
  | 'frontDoor'
  | 'gallery'
  | 'marketplace'
  | 'azureBlob'

/** What an action is about that need not be in the resource group of the sets, or cannot be. */
export type Elsewhere = 'subscription' | 'galleries' | 'networks' | 'identities' | 'container'

/** Actions that are needed together, on the same resources. */
export interface Permission {
  readonly actions: readonly string[]
  /** @default - the resource group of the sets */
  readonly on?: Elsewhere
}

/** What a part of imago needs: to look and plan, and what it changes beyond that. */
export interface Needs {
  readonly plan: readonly Permission[]
  readonly roll: readonly Permission[]
}

/** Actions of one of Azure's services: `of('Compute', 'virtualMachineScaleSets', 'read', 'write')`. */
function of(service: string, type: string, ...verbs: readonly string[]): string[] {
  return verbs.map((verb) => `Microsoft.${service}/${type}/${verb}`)
}

const SET = 'virtualMachineScaleSets'
const BALANCER = 'loadBalancers'
const GATEWAY = 'applicationGateways'
const ORIGINS = 'profiles/origingroups'

/** Whoever writes what is in a network must be allowed to use that network. */
const NETWORKS: Permission = {
  actions: [...of('Network', 'virtualNetworks/subnets', 'join/action'), ...of('Network', 'networkSecurityGroups', 'join/action')],
  on: 'networks',
}

/**
 * To bring a machine into a pool, or out of it, is to write its network interface, or the machine itself where it is one of a Uniform set.
 *
 * @param kind what the pool is one of.
 */
function members(kind: string): readonly Permission[] {
  return [
    {
      actions: [
        ...of('Network', 'networkInterfaces', 'read', 'write'),
        ...of('Compute', `${SET}/virtualMachines`, 'write'),
        ...of('Network', `${kind}/backendAddressPools`, 'join/action'),
      ],
    },
    NETWORKS,
  ]
}

/** A load balancer or a gateway is written whole, with the address at which it is reached, and takes its time. */
const WHOLE: readonly Permission[] = [
  { actions: of('Network', 'publicIPAddresses', 'join/action'), on: 'networks' },
  { actions: of('Network', 'locations/operations', 'read'), on: 'subscription' },
]

/** A pool that generations share, or that stands behind an endpoint. */
const POOL: Needs = {
  plan: [{ actions: of('Network', `${BALANCER}/backendAddressPools`, 'read') }],
  roll: [{ actions: of('Network', `${BALANCER}/backendAddressPools`, 'write') }, ...members(BALANCER)],
}

/**
 * What each part needs, as Azure knows it. What is below a location and not below a resource group (sizes, the marketplace, operations) is
 * allowed by a role on the subscription alone.
 *
 * Source: the operations of Azure's resource providers, and what Azure asks of whoever writes a resource that names others. Which
 * of these a set names, its owner has decided; here are subnets, security groups, pools, identities and images.
 */
export const NEEDS: Readonly<Record<AzureFeature, Needs>> = {
  scaleSets: {
    plan: [
      {
        actions: [
          ...of('Compute', SET, 'read'),
          ...of('Compute', `${SET}/instanceView`, 'read'),
          ...of('Compute', `${SET}/rollingUpgrades`, 'read'),
          ...of('Compute', `${SET}/virtualMachines`, 'read'),
          ...of('Compute', 'virtualMachines', 'read'),
          ...of('Insights', 'autoscaleSettings', 'read'),
        ],
      },
      { actions: of('Compute', 'skus', 'read'), on: 'subscription' },
    ],
    roll: [
      { actions: [...of('Compute', SET, 'write', 'delete/action'), ...of('Insights', 'autoscaleSettings', 'write')] },
      { actions: of('Compute', 'locations/operations', 'read'), on: 'subscription' },
    ],
  },
  clone: {
    plan: [],
    roll: [
      { actions: [...of('Compute', SET, 'delete'), ...of('Insights', 'autoscaleSettings', 'delete')] },
      NETWORKS,
      { actions: of('ManagedIdentity', 'userAssignedIdentities', 'assign/action'), on: 'identities' },
    ],
  },
  rollingUpgrade: {
    plan: [{ actions: of('Compute', 'locations/usages', 'read'), on: 'subscription' }],
    roll: [{ actions: of('Compute', `${SET}/rollingUpgrades`, 'cancel/action') }],
  },
  loadBalancer: POOL,
  ruleSwap: {
    plan: [{ actions: of('Network', BALANCER, 'read') }],
    roll: [
      { actions: [...of('Network', BALANCER, 'write'), ...of('Network', `${BALANCER}/backendAddressPools`, 'read', 'write')] },
      ...WHOLE,
      ...members(BALANCER),
    ],
  },
  applicationGateway: {
    plan: [{ actions: of('Network', GATEWAY, 'read') }],
    roll: [{ actions: of('Network', GATEWAY, 'write') }, ...WHOLE, ...members(GATEWAY)],
  },
  // Endpoints of load balancers: those of other kinds have actions of their own.
  trafficManager: {
    plan: [{ actions: of('Network', 'trafficManagerProfiles', 'read') }, ...POOL.plan],
    roll: [{ actions: of('Network', 'trafficManagerProfiles/azureEndpoints', 'write') }, ...POOL.roll],
  },
  frontDoor: {
    plan: [{ actions: [...of('Cdn', ORIGINS, 'read'), ...of('Cdn', `${ORIGINS}/origins`, 'read')] }, ...POOL.plan],
    roll: [{ actions: of('Cdn', `${ORIGINS}/origins`, 'write') }, ...POOL.roll],
  },
  gallery: {
    plan: [
      {
        actions: [...of('Compute', 'galleries/images', 'read'), ...of('Compute', 'galleries/images/versions', 'read')],
        on: 'galleries',
      },
    ],
    roll: [],
  },
  marketplace: {
    plan: [{ actions: of('Compute', 'locations/publishers/artifacttypes/offers/skus/versions', 'read'), on: 'subscription' }],
    roll: [],
  },
  azureBlob: {
    plan: [],
    roll: [
      { actions: of('Storage', 'storageAccounts/blobServices/containers/blobs', 'delete', 'read', 'write'), on: 'container' },
    ],
  },
}
