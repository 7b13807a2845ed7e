import * as v from 'valibot'
import { problemsError } from '../../../src/core/errors.ts'
import { merged, type JsonObject } from '../../../src/core/json.ts'
import type { LaunchData } from './templates.ts'

/** Settings that a rollout sets by other means. */
const OURS: Readonly<Record<string, string>> = {
  ImageId: 'the image of the plan',
}

/** What LaunchTemplateData has; a name that is not here would be dropped by the SDK without a word. */
const KNOWN = v.picklist([
  'BlockDeviceMappings',
  'CapacityReservationSpecification',
  'CpuOptions',
  'CreditSpecification',
  'DisableApiStop',
  'DisableApiTermination',
  'EbsOptimized',
  'EnclaveOptions',
  'HibernationOptions',
  'IamInstanceProfile',
  'InstanceInitiatedShutdownBehavior',
  'InstanceMarketOptions',
  'InstanceRequirements',
  'InstanceType',
  'KernelId',
  'KeyName',
  'LicenseSpecifications',
  'MaintenanceOptions',
  'MetadataOptions',
  'Monitoring',
  'NetworkInterfaces',
  'NetworkPerformanceOptions',
  'Operator',
  'Placement',
  'PrivateDnsNameOptions',
  'RamDiskId',
  'SecurityGroupIds',
  'SecurityGroups',
  'TagSpecifications',
  'UserData',
])

/**
 * Settings with changes laid over them, named as in EC2's LaunchTemplateData: objects are merged, `null` takes a setting away,
 * anything else replaces it.
 *
 * @throws RolloutError `spec-invalid` for a name that LaunchTemplateData does not have; values are not repeated in it.
 */
export function changeLaunch(data: LaunchData, changes: JsonObject): LaunchData {
  const problems = Object.keys(changes).flatMap((name) => {
    if (name in OURS) return [{ path: `launch.${name}`, found: 'a setting', allowed: OURS[name]! }]
    return v.is(KNOWN, name)
      ? []
      : [{ path: `launch.${name}`, found: 'no setting of a launch template', allowed: KNOWN.options.join(', ') }]
  })
  if (problems.length > 0) throw problemsError('spec-invalid', 'These launch settings cannot be used', problems)
  return merged(data, changes) as LaunchData
}
