import { expect, test } from 'vitest'
import { setUpFleet } from './fleet.ts'
import { Recording, unrecorded } from './recordings.ts'
import { createSite, DEFINITION, type Site } from './site.ts'
import { SUBSCRIPTION } from './wire/account.ts'
import { patchSet } from './wire/set-changes.ts'

const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/shop/providers/Microsoft.Compute`
const UBUNTU = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Compute/locations/westeurope/publishers/Canonical/artifacttypes/vmimage/offers/UbuntuServer/skus/16.04.0-LTS`
const [COMPUTE, GALLERIES] = ['api-version=2026-04-01', 'api-version=2025-12-03']

const NETWORK = GROUP.replace('Microsoft.Compute', 'Microsoft.Network')
/** The recorded PATCH of a scale set, followed to its end. */
const OPERATION = '/operations/4bc5535b-3b81-4027-9069-6310c3e38809'
const UNCONDITIONAL = { ifMatch: undefined, ifNoneMatch: undefined }

const LATER = 'a later version of the API has it'
const OWNER = 'whoever made the recorded one did not set it'

/** What this server answers and no recording has, each with the reason, and what only recordings have: nothing reads that. */
const SHAPES: Readonly<Record<string, Shape>> = {
  'a scale set': {
    genuine: () => new Recording('vmss-single-instance.json').last('GET', '/virtualMachineScaleSets/vmss1898'),
    ours: (site) => site.get(`${GROUP}/virtualMachineScaleSets/web?${COMPUTE}`),
    more: {
      etag: LATER,
      'properties.orchestrationMode': LATER,
      'properties.timeCreated': LATER,
      'properties.virtualMachineProfile.extensionProfile': OWNER,
      'properties.virtualMachineProfile.storageProfile.osDisk.managedDisk': OWNER,
      'tags.team': OWNER,
      zones: OWNER,
    },
    fewer: [
      'properties.doNotRunExtensionsOnOverprovisionedVMs',
      'properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations[].properties.dnsSettings',
      'properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations[].properties.enableAcceleratedNetworking',
      'properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations[].properties.enableIPForwarding',
      'properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations[].properties.ipConfigurations[].properties.loadBalancerInboundNatPools',
      'properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations[].properties.ipConfigurations[].properties.privateIPAddressVersion',
      'properties.virtualMachineProfile.osProfile.allowExtensionOperations',
      'properties.virtualMachineProfile.osProfile.linuxConfiguration.provisionVMAgent',
      'properties.virtualMachineProfile.osProfile.requireGuestProvisionSignal',
      'properties.virtualMachineProfile.osProfile.secrets',
      'properties.virtualMachineProfile.storageProfile.osDisk.caching',
      'properties.virtualMachineProfile.storageProfile.osDisk.name',
      'properties.virtualMachineProfile.storageProfile.osDisk.vhdContainers',
    ],
  },
  'an instance': {
    genuine: () => new Recording('vmss-single-instance.json').last('GET', '/vmss1898/virtualMachines'),
    ours: (site) => site.get(`${GROUP}/virtualMachineScaleSets/web/virtualMachines?$expand=instanceView&${COMPUTE}`),
    more: {
      'value[].etag': LATER,
      'value[].properties.instanceView': 'it is asked for with the list, and was recorded alone',
      'value[].properties.storageProfile.imageReference.exactVersion': LATER,
      'value[].properties.timeCreated': LATER,
      'value[].zones': OWNER,
    },
    fewer: [
      'value[].properties.networkProfile',
      'value[].properties.networkProfileConfiguration.networkInterfaceConfigurations[].properties.dnsSettings',
      'value[].properties.networkProfileConfiguration.networkInterfaceConfigurations[].properties.enableAcceleratedNetworking',
      'value[].properties.networkProfileConfiguration.networkInterfaceConfigurations[].properties.enableIPForwarding',
      'value[].properties.networkProfileConfiguration.networkInterfaceConfigurations[].properties.ipConfigurations[].properties.loadBalancerInboundNatPools',
      'value[].properties.networkProfileConfiguration.networkInterfaceConfigurations[].properties.ipConfigurations[].properties.privateIPAddressVersion',
      'value[].properties.osProfile',
      'value[].properties.storageProfile.osDisk.caching',
      'value[].properties.storageProfile.osDisk.name',
      'value[].properties.storageProfile.osDisk.osType',
      'value[].properties.storageProfile.osDisk.vhd',
      'value[].tags',
    ],
  },
  'how an instance is': {
    genuine: () => new Recording('vmss-single-instance.json').last('GET', '/virtualmachines/0/instanceView'),
    ours: async (site) => {
      const listed = await site.get(`${GROUP}/virtualMachineScaleSets/web/virtualMachines?$expand=instanceView&${COMPUTE}`)
      return (listed as { value: [{ properties: { instanceView: unknown } }] }).value[0].properties.instanceView
    },
    more: { vmHealth: OWNER },
    fewer: [
      'computerName',
      'disks',
      'hyperVGeneration',
      'osName',
      'osVersion',
      'placementGroupId',
      'platformFaultDomain',
      'platformUpdateDomain',
      'vmAgent.extensionHandlers',
      'vmAgent.statuses[].time',
    ],
  },
  'a load balancer': {
    genuine: () =>
      new Recording('load-balancer-internet-minimum.json').last('GET', '/lbInternetMinimum6457', '', 'backendIPConfigurations'),
    ours: (site) => site.get(`${NETWORK}/loadBalancers/web-lb?api-version=2026-01-01`),
    more: {
      'properties.backendAddressPools[].properties.loadBalancerBackendAddresses': LATER,
      'properties.loadBalancingRules[].properties.backendAddressPools': LATER,
      'sku.tier': LATER,
      'tags.team': OWNER,
    },
    fewer: [
      'properties.backendAddressPools[].properties.loadBalancingRules',
      'properties.frontendIPConfigurations[].etag',
      'properties.frontendIPConfigurations[].properties.loadBalancingRules',
      'properties.frontendIPConfigurations[].properties.privateIPAddressVersion',
      'properties.frontendIPConfigurations[].properties.privateIPAllocationMethod',
      'properties.frontendIPConfigurations[].properties.provisioningState',
      'properties.frontendIPConfigurations[].type',
      'properties.inboundNatPools',
      'properties.loadBalancingRules[].properties.enableDestinationServiceEndpoint',
      'properties.loadBalancingRules[].properties.enableFloatingIP',
      'properties.loadBalancingRules[].properties.enableTcpReset',
      'properties.loadBalancingRules[].properties.frontendIPConfiguration',
      'properties.loadBalancingRules[].properties.idleTimeoutInMinutes',
      'properties.loadBalancingRules[].properties.loadDistribution',
      'properties.loadBalancingRules[].properties.provisioningState',
      'properties.loadBalancingRules[].type',
      'properties.resourceGuid',
    ],
  },
  'an autoscale setting': {
    genuine: () => new Recording('autoscale-settings.json').last('GET', '/autoscalesettings/somesettingZ'),
    ours: async (site) => {
      const address = GROUP.replace('Microsoft.Compute', 'Microsoft.Insights')
      const { value } = (await site.get(`${address}/autoscalesettings?api-version=2022-10-01`)) as { value: [unknown] }
      return value[0]
    },
    more: { 'properties.profiles[].rules[].metricTrigger': OWNER, 'properties.profiles[].rules[].scaleAction': OWNER },
    fewer: [
      'properties.name',
      'properties.notifications[].email',
      'properties.notifications[].operation',
      'properties.notifications[].webhooks',
      'properties.profiles[].recurrence',
    ],
  },
  'an operation that has succeeded': {
    genuine: () => new Recording('vmss-create-update.json').last('GET', OPERATION),
    ours: async (site) => {
      const { operation } = patchSet(site.account, site.account.sets.get('web')!, { tags: {} }, UNCONDITIONAL)
      site.world.runUntil(site.world.now + site.account.operationMs)
      return await site.get(operation)
    },
    more: {},
    fewer: [],
  },
  'a version in a gallery': {
    genuine: () => new Recording('gallery-image-version.json').last('GET', '/versions/0.0.4', '$expand=ReplicationStatus'),
    ours: (site) => site.get(`${DEFINITION}/versions/1.0.0?$expand=ReplicationStatus&${GALLERIES}`),
    more: { tags: OWNER },
    fewer: [
      'properties.publishingProfile.replicaCount',
      'properties.publishingProfile.storageAccountType',
      'properties.storageProfile.dataDiskImages',
      'properties.storageProfile.osDiskImage.source',
      'properties.storageProfile.source',
    ],
  },
  'a definition': {
    genuine: () => new Recording('gallery-image-version.json').last('GET', '/images/SampleImages'),
    ours: (site) => site.get(`${DEFINITION}?${GALLERIES}`),
    more: { 'properties.architecture': LATER },
    fewer: [],
  },
  'an image of the marketplace': {
    genuine: () => new Recording('vmss-create-update.json').last('GET', '/versions/16.04.201912110'),
    ours: (site) => site.get(`${UBUNTU}/versions/16.04.201912110?${COMPUTE}`),
    more: { 'properties.architecture': LATER, 'properties.imageDeprecationStatus': LATER },
    fewer: [
      'properties.automaticOSUpgradeProperties',
      'properties.dataDiskImages',
      'properties.disallowed',
      'properties.osDiskImage',
      'properties.replicaType',
    ],
  },
}

interface Shape {
  genuine(): unknown
  ours(site: Site): Promise<unknown>
  readonly more: Readonly<Record<string, string>>
  readonly fewer: readonly string[]
}

test.for(Object.entries(SHAPES))('%s has the shape that the genuine Azure gives it', async ([, shape], context) => {
  if (unrecorded !== undefined) return context.skip(unrecorded)
  const site = await createSite()
  site.account.marketplace.set('canonical/ubuntuserver/16.04.0-lts', { versions: ['16.04.201912110'], deprecated: false })
  site.world.images.publish('canonical/ubuntuserver/16.04.0-lts/16.04.201912110', { kind: 'good' })
  const image = { publisher: 'Canonical', offer: 'UbuntuServer', sku: '16.04.0-LTS', version: 'latest' }
  setUpFleet(site, { size: 1, pool: 'web-lb/web', image, bounds: { min: 1, max: 3 } })
  const [genuine, ours] = [keysOf(shape.genuine()), keysOf(await shape.ours(site))]
  expect(beyond(ours, genuine)).toEqual(Object.keys(shape.more).toSorted())
  expect(beyond(genuine, ours)).toEqual(shape.fewer)
})

/** Every place in a body that has a name. Of a list the first item stands for all. */
function keysOf(body: unknown, at = ''): string[] {
  if (Array.isArray(body)) return body.length === 0 ? [] : keysOf(body[0], `${at}[]`)
  if (typeof body !== 'object' || body === null) return []
  return Object.entries(body).flatMap(([key, one]) => {
    const path = at === '' ? key : `${at}.${key}`
    return [path, ...keysOf(one, path)]
  })
}

/** Places that the other has not; what is within one of them goes without saying. */
function beyond(some: readonly string[], others: readonly string[]): string[] {
  const missing = some.filter((one) => !others.includes(one))
  return missing.filter((one) => !missing.some((outer) => one.startsWith(`${outer}.`) || one.startsWith(`${outer}[`))).toSorted()
}
