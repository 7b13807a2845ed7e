import type { VirtualMachineScaleSetVMProfile } from '@azure/arm-compute'
import { isObject, type JsonObject } from '../../../src/core/json.ts'
import { nameOf, type ScaleSet } from '../fleet/set.ts'

/** What Azure takes and never gives back, so that it can be no part of what is compared. */
export const NEVER_GIVEN_BACK = ['adminPassword', 'customData', 'protectedSettings'] as const

/** Extensions that have no protected settings. */
const OPEN = /^ApplicationHealth(?:Linux|Windows)$/i

/**
 * What a clone of a set would be without, for Azure does not give it back and the launch settings do not give it either. That there was
 * custom data does not show at all.
 */
export function unreadable(set: ScaleSet, changes: JsonObject | undefined): string[] {
  const profile = set.virtualMachineProfile ?? {}
  const given = changes?.['virtualMachineProfile']
  const system = isObject(given) && isObject(given['osProfile']) ? given['osProfile'] : {}
  const has = (what: string, at: string) =>
    `${nameOf(set)} ${what}, which Azure does not give back to be cloned: say it in launch.virtualMachineProfile.${at}`
  return [
    ...(hasPassword(profile) && system['adminPassword'] === undefined
      ? [has('has an admin password', 'osProfile.adminPassword')]
      : []),
    ...(isObject(given) && given['extensionProfile'] !== undefined
      ? []
      : sealedExtensions(profile).map((name) =>
          has(`has the extension ${name}, maybe with protected settings`, 'extensionProfile'),
        )),
  ]
}

/** Windows always has one, and Linux unless it is said that keys alone are used. */
function hasPassword({ osProfile: system }: VirtualMachineScaleSetVMProfile): boolean {
  return system !== undefined && system.linuxConfiguration?.disablePasswordAuthentication !== true
}

function sealedExtensions({ extensionProfile: all }: VirtualMachineScaleSetVMProfile): string[] {
  const sealed = (all?.extensions ?? []).filter(
    (one) => !OPEN.test(one.typePropertiesType ?? '') && one.protectedSettingsFromKeyVault === undefined,
  )
  return sealed.map((one) => one.name ?? 'without a name')
}
