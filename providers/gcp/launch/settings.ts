import { problemsError } from '../../../src/core/errors.ts'
import { merged, type JsonObject } from '../../../src/core/json.ts'

/** Every setting of `InstanceProperties`; Google's client would drop another name without a word. */
export const SETTINGS: readonly string[] = [
  'advancedMachineFeatures',
  'canIpForward',
  'confidentialInstanceConfig',
  'description',
  'disks',
  'guestAccelerators',
  'keyRevocationActionType',
  'labels',
  'localSsdEncryptionMode',
  'machineType',
  'metadata',
  'minCpuPlatform',
  'networkInterfaces',
  'networkPerformanceConfig',
  'privateIpv6GoogleAccess',
  'reservationAffinity',
  'resourceManagerTags',
  'resourcePolicies',
  'scheduling',
  'serviceAccounts',
  'shieldedInstanceConfig',
  'tags',
  'workloadIdentityConfig',
]

/**
 * Settings with changes laid over them, named as in Compute's InstanceProperties: objects are merged, `null` takes a setting away, anything
 * else replaces it.
 *
 * @throws RolloutError `spec-invalid` for a name that InstanceProperties does not have; values are not repeated in it.
 */
export function changeLaunch(settings: JsonObject, changes: JsonObject): JsonObject {
  const problems = Object.keys(changes)
    .filter((name) => !SETTINGS.includes(name))
    .map((name) => ({ path: `launch.${name}`, found: 'no setting of an instance template', allowed: SETTINGS.join(', ') }))
  if (problems.length > 0) throw problemsError('spec-invalid', 'These launch settings cannot be used', problems)
  return merged(settings, changes) as JsonObject
}
