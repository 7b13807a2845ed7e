import type { AzurePermissions } from 'imago/azure'
import type { Account, Body } from './account.ts'
import { Fault } from './fault.ts'

/** What Azure is asked: an action over a scope. */
export interface Question {
  readonly action: string
  /** The id of a resource, of its resource group or of its subscription. */
  readonly scope: string
  /** Whether a request names it, and is about another. */
  readonly isLinked?: true
}

/** What each operation asks for; beyond the subscription and the resource group, its path says over what, and of which service. */
const ASKS: Readonly<Record<string, string>> = {
  'afdOriginGroups.get': 'Microsoft.Cdn/profiles/origingroups/read',
  'afdOrigins.listByOriginGroup': 'Microsoft.Cdn/profiles/origingroups/origins/read',
  'afdOrigins.update': 'Microsoft.Cdn/profiles/origingroups/origins/write',
  'applicationGateways.createOrUpdate': 'Microsoft.Network/applicationGateways/write',
  'applicationGateways.get': 'Microsoft.Network/applicationGateways/read',
  'applicationGateways.list': 'Microsoft.Network/applicationGateways/read',
  'autoscaleSettings.createOrUpdate': 'Microsoft.Insights/autoscaleSettings/write',
  'autoscaleSettings.delete': 'Microsoft.Insights/autoscaleSettings/delete',
  'autoscaleSettings.listByResourceGroup': 'Microsoft.Insights/autoscaleSettings/read',
  'endpoints.update': 'Microsoft.Network/trafficManagerProfiles/azureEndpoints/write',
  'galleryImages.get': 'Microsoft.Compute/galleries/images/read',
  'galleryImageVersions.get': 'Microsoft.Compute/galleries/images/versions/read',
  'galleryImageVersions.listByGalleryImage': 'Microsoft.Compute/galleries/images/versions/read',
  'loadBalancerBackendAddressPools.createOrUpdate': 'Microsoft.Network/loadBalancers/backendAddressPools/write',
  'loadBalancerBackendAddressPools.get': 'Microsoft.Network/loadBalancers/backendAddressPools/read',
  'loadBalancers.createOrUpdate': 'Microsoft.Network/loadBalancers/write',
  'loadBalancers.get': 'Microsoft.Network/loadBalancers/read',
  'loadBalancers.list': 'Microsoft.Network/loadBalancers/read',
  'networkInterfaces.createOrUpdate': 'Microsoft.Network/networkInterfaces/write',
  'networkInterfaces.get': 'Microsoft.Network/networkInterfaces/read',
  'operations.get': 'Microsoft.{service}/locations/operations/read',
  'profiles.get': 'Microsoft.Network/trafficManagerProfiles/read',
  'resourceSkus.list': 'Microsoft.Compute/skus/read',
  'usage.list': 'Microsoft.Compute/locations/usages/read',
  'virtualMachineImages.get': 'Microsoft.Compute/locations/publishers/artifacttypes/offers/skus/versions/read',
  'virtualMachineImages.list': 'Microsoft.Compute/locations/publishers/artifacttypes/offers/skus/versions/read',
  'virtualMachines.list': 'Microsoft.Compute/virtualMachines/read',
  'virtualMachineScaleSetRollingUpgrades.cancel': 'Microsoft.Compute/virtualMachineScaleSets/rollingUpgrades/cancel/action',
  'virtualMachineScaleSetRollingUpgrades.getLatest': 'Microsoft.Compute/virtualMachineScaleSets/rollingUpgrades/read',
  'virtualMachineScaleSetRollingUpgrades.startOSUpgrade': 'Microsoft.Compute/virtualMachineScaleSets/osRollingUpgrade/action',
  'virtualMachineScaleSets.createOrUpdate': 'Microsoft.Compute/virtualMachineScaleSets/write',
  'virtualMachineScaleSets.delete': 'Microsoft.Compute/virtualMachineScaleSets/delete',
  'virtualMachineScaleSets.deleteInstances': 'Microsoft.Compute/virtualMachineScaleSets/delete/action',
  'virtualMachineScaleSets.get': 'Microsoft.Compute/virtualMachineScaleSets/read',
  'virtualMachineScaleSets.getInstanceView': 'Microsoft.Compute/virtualMachineScaleSets/instanceView/read',
  'virtualMachineScaleSets.list': 'Microsoft.Compute/virtualMachineScaleSets/read',
  'virtualMachineScaleSets.update': 'Microsoft.Compute/virtualMachineScaleSets/write',
  'virtualMachineScaleSetVMs.get': 'Microsoft.Compute/virtualMachineScaleSets/virtualMachines/read',
  'virtualMachineScaleSetVMs.list': 'Microsoft.Compute/virtualMachineScaleSets/virtualMachines/read',
  'virtualMachineScaleSetVMs.update': 'Microsoft.Compute/virtualMachineScaleSets/virtualMachines/write',
}

/** What whoever names a resource in a body must be allowed to do with it, by its type. */
const LINKED: Readonly<Record<string, string>> = {
  'compute/galleries/images/versions': 'Microsoft.Compute/galleries/images/versions/read',
  'managedidentity/userassignedidentities': 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action',
  'network/applicationgateways/backendaddresspools': 'Microsoft.Network/applicationGateways/backendAddressPools/join/action',
  'network/loadbalancers/backendaddresspools': 'Microsoft.Network/loadBalancers/backendAddressPools/join/action',
  'network/networksecuritygroups': 'Microsoft.Network/networkSecurityGroups/join/action',
  'network/publicipaddresses': 'Microsoft.Network/publicIPAddresses/join/action',
  'network/virtualnetworks/subnets': 'Microsoft.Network/virtualNetworks/subnets/join/action',
}

/** Whatever a request asks of Azure: for what it does, and for what it names. */
export function questionsOf(operation: string, pathname: string, body: Body): Question[] {
  const asks = ASKS[operation]
  if (asks === undefined) throw new TypeError(`nobody has said what ${operation} asks of Azure`)
  const action = asks.replace('{service}', /\/providers\/Microsoft\.(\w+)\//i.exec(pathname)?.[1] ?? '')
  const named = new Set(idsIn(body).filter((id) => !id.toLowerCase().startsWith(`${pathname.toLowerCase()}/`)))
  const linked = [...named].flatMap((scope) => {
    const needed = LINKED[typeOf(scope)]
    return needed === undefined ? [] : [{ action: needed, scope, isLinked: true as const }]
  })
  return [{ action, scope: pathname }, ...linked]
}

/** Resource ids anywhere in a body; identities stand there as keys. */
function idsIn(value: unknown): string[] {
  if (typeof value === 'string') return value.startsWith('/subscriptions/') ? [value] : []
  if (typeof value !== 'object' || value === null) return []
  return [...(Array.isArray(value) ? [] : Object.keys(value).flatMap(idsIn)), ...Object.values(value).flatMap(idsIn)]
}

/** `network/virtualnetworks/subnets` of an id: every second part behind the last service that it names. */
function typeOf(id: string): string {
  const [service = '', ...parts] = id.toLowerCase().split('/providers/microsoft.').at(-1)?.split('/') ?? []
  return [service, ...parts.filter((_part, index) => index % 2 === 0)].join('/')
}

/** @throws Fault 403 for the first that is not allowed, in Azure's words. */
export function authorize({ asked, policy }: Pick<Account, 'asked' | 'policy'>, questions: readonly Question[]): void {
  for (const { action } of questions) asked.add(action)
  const refused = policy === undefined ? undefined : questions.find((one) => !allows(policy, one))
  if (refused === undefined) return
  const { action, scope, isLinked } = refused
  const client = "The client 'ada@example.com' with object id '99999999-8888-7777-6666-555555555555'"
  const [own] = questions
  if (isLinked === true)
    throw new Fault(
      403,
      'LinkedAuthorizationFailed',
      `${client} has permission to perform action '${own?.action}' on scope '${own?.scope}'; however, it does not have permission to perform action(s) '${action}' on the linked scope(s) '${scope}' (respectively) or the linked scope(s) are invalid.`,
    )
  throw new Fault(
    403,
    'AuthorizationFailed',
    `${client} does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  )
}

/** A role reaches all that is below the scope at which it is assigned. */
function allows(policy: AzurePermissions, { action, scope }: Question): boolean {
  const reaches = (whole: string) => `${scope}/`.toLowerCase().startsWith(`${whole}/`.toLowerCase())
  return policy.some((one) => reaches(one.scope) && one.role.Actions.includes(action))
}
