import type { VirtualMachineScaleSetUpdateVMProfile, VirtualMachineScaleSetVMProfile } from '@azure/arm-compute'
import type { JsonObject } from '../../../src/core/json.ts'
import { nameOf, type ScaleSet } from '../fleet/set.ts'
import { modelOf, PROFILE, type LaunchModel } from './model.ts'
import { sameSettings } from './release.ts'
import { unreadable } from './unreadable.ts'

/** What Azure lets be changed in a set that is there. How it is connected, and whom it lets in, is its owner's. */
const CHANGEABLE: ReadonlySet<string> = new Set([
  'billingProfile',
  'diagnosticsProfile',
  'extensionProfile',
  'hardwareProfile',
  'licenseType',
  'scheduledEventsProfile',
  'securityProfile',
  'storageProfile',
  'userData',
] satisfies (keyof VirtualMachineScaleSetUpdateVMProfile)[])

/** What a slot does not launch yet of the settings of a release, and why it could not. */
export function slotDifferences(
  slot: ScaleSet,
  wanted: LaunchModel,
  changes: JsonObject | undefined,
): { readonly differing: VirtualMachineScaleSetUpdateVMProfile; readonly obstacles: readonly string[] } {
  const own = modelOf(slot)
  const [after, before] = [wanted.virtualMachineProfile, own.virtualMachineProfile]
  const parts = Object.keys(PROFILE) as (keyof VirtualMachineScaleSetVMProfile)[]
  const others = parts.filter((part) => PROFILE[part] === 'setting' && !sameSettings(after[part], before[part]))
  const fixed = others.filter((part) => !CHANGEABLE.has(part) || after[part] === undefined)
  const sealed = others.includes('extensionProfile')
    ? unreadable(slot, changes).filter((why) => why.endsWith('extensionProfile'))
    : []
  const stuck = [...fixed, ...(sameSettings(wanted.plan, own.plan) ? [] : ['plan'])]
  return {
    differing: Object.fromEntries(others.map((part) => [part, after[part]])),
    obstacles: [
      ...stuck.map((part) => `the slot ${nameOf(slot)} has another ${part}, and imago changes that in no set that is there`),
      ...sealed,
    ],
  }
}
