import type { VirtualMachineScaleSetVMProfile } from '@azure/arm-compute'
import type { JsonObject } from '../../../src/core/json.ts'
import type { ScaleSet } from '../fleet/set.ts'

/** What a scale set launches beside the image, in the words of its model. */
export interface LaunchModel {
  readonly sku: JsonObject
  readonly plan?: JsonObject
  readonly virtualMachineProfile: JsonObject
}

/** Members of a virtual machine profile, all of them: what can be changed, and what is no setting. */
export const PROFILE: Readonly<Record<keyof VirtualMachineScaleSetVMProfile, 'setting' | 'answer'>> = {
  applicationProfile: 'setting',
  billingProfile: 'setting',
  capacityReservation: 'setting',
  diagnosticsProfile: 'setting',
  evictionPolicy: 'setting',
  extensionProfile: 'setting',
  hardwareProfile: 'setting',
  interconnectBlockProfile: 'setting',
  licenseType: 'setting',
  networkProfile: 'setting',
  osProfile: 'setting',
  priority: 'setting',
  scheduledEventsProfile: 'setting',
  securityPostureReference: 'setting',
  securityProfile: 'setting',
  serviceArtifactReference: 'setting',
  storageProfile: 'setting',
  timeCreated: 'answer',
  userData: 'setting',
}

/** What a scale set launches: its size of machines, its purchase plan and its profile, without the capacity. */
export function modelOf({ sku, plan, virtualMachineProfile: profile = {} }: ScaleSet): LaunchModel {
  const { capacity: _capacity, ...size } = sku ?? {}
  // The client's answers hold dates and what is not set; as JSON they are as Azure sent them.
  return JSON.parse(
    JSON.stringify({ sku: size, ...(plan === undefined ? {} : { plan }), virtualMachineProfile: profile }),
  ) as LaunchModel
}
