import type { VirtualMachineScaleSet, VirtualMachineScaleSetIdentity } from '@azure/arm-compute'
import type { Treatments } from './treatment.ts'

const OWN = { does: 'drop', why: 'it is a fact of the set itself, not a setting' } as const
const LAUNCHED = { does: 'replace', why: 'it is what the release of the plan launches' } as const

/** Every member of a scale set, and what a clone gets of it. */
export const SET: Treatments<VirtualMachineScaleSet> = {
  id: OWN,
  name: OWN,
  type: OWN,
  systemData: OWN,
  etag: OWN,
  uniqueId: OWN,
  timeCreated: OWN,
  provisioningState: OWN,

  sku: LAUNCHED,
  plan: LAUNCHED,
  virtualMachineProfile: LAUNCHED,
  tags: { does: 'replace', why: "the owner's, and the marks of the rollout" },

  location: { does: 'copy' },
  zones: { does: 'copy' },
  extendedLocation: { does: 'copy' },
  placement: { does: 'copy' },
  upgradePolicy: { does: 'copy' },
  scheduledEventsPolicy: { does: 'copy' },
  automaticRepairsPolicy: { does: 'copy' },
  overprovision: { does: 'replace', why: 'a clone has as many instances as it is to have, and no more for a while' },
  doNotRunExtensionsOnOverprovisionedVMs: { does: 'copy' },
  singlePlacementGroup: { does: 'copy' },
  zoneBalance: { does: 'copy' },
  platformFaultDomainCount: { does: 'copy' },
  proximityPlacementGroup: { does: 'copy' },
  hostGroup: { does: 'copy' },
  additionalCapabilities: { does: 'copy' },
  scaleInPolicy: { does: 'copy' },
  orchestrationMode: { does: 'copy' },
  spotRestorePolicy: { does: 'copy' },
  priorityMixPolicy: { does: 'copy' },
  constrainedMaximumCapacity: { does: 'copy' },
  resiliencyPolicy: { does: 'copy' },
  zonalPlatformFaultDomainAlignMode: { does: 'copy' },
  skuProfile: { does: 'copy' },
  highSpeedInterconnectPlacement: { does: 'copy' },
  lifecycleHooksProfile: { does: 'copy' },
  externalHealthPolicy: { does: 'copy' },
  identity: {
    does: 'copy',
    but: {
      refuse: ({ type }: VirtualMachineScaleSetIdentity) => type?.includes('SystemAssigned') === true,
      why: 'an identity that Azure assigns is another one for each set, without the roles of this one; give it one of your own',
    },
  },
}
