/** A part of imago that needs permissions of its own: scale sets, clones of them, what sends traffic, where images are, the store. */
export type AzureFeature = 'scaleSets' | 'clone' | 'loadBalancer' | 'ruleSwap' | 'gallery' | 'marketplace' | 'azureBlob'

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

/** Whoever writes what is in a network must be allowed to use that network. */
const NETWORKS: Permission = {
  actions: [...of('Network', 'virtualNetworks/subnets', 'join/action'), ...of('Network', 'networkSecurityGroups', 'join/action')],
  on: 'networks',
}

/** To bring a machine into a pool, or out of it, is to write its network interface, or the machine itself where it is one of a Uniform set. */
const MEMBERS: readonly Permission[] = [
  {
    actions: [
      ...of('Network', 'networkInterfaces', 'read', 'write'),
      ...of('Compute', `${SET}/virtualMachines`, 'write'),
      ...of('Network', `${BALANCER}/backendAddressPools`, 'join/action'),
    ],
  },
  NETWORKS,
]

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
  loadBalancer: {
    plan: [{ actions: of('Network', `${BALANCER}/backendAddressPools`, 'read') }],
    roll: [{ actions: of('Network', `${BALANCER}/backendAddressPools`, 'write') }, ...MEMBERS],
  },
  ruleSwap: {
    plan: [{ actions: of('Network', BALANCER, 'read') }],
    roll: [
      { actions: [...of('Network', BALANCER, 'write'), ...of('Network', `${BALANCER}/backendAddressPools`, 'read', 'write')] },
      // A load balancer is written whole, with the address at which it is reached.
      { actions: of('Network', 'publicIPAddresses', 'join/action'), on: 'networks' },
      ...MEMBERS,
    ],
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
