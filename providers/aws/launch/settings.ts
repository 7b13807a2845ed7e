import { problemsError } from '../../../src/core/errors.ts'
import { merged, type JsonObject } from '../../../src/core/json.ts'
import { LAUNCH } from './launch-table.ts'
import type { LaunchData } from './templates.ts'

/** Settings that a plan cannot change, and what says them. */
const OURS: Readonly<Record<string, string>> = {
  ImageId: 'the image of the plan',
  Operator: 'nothing: it is for services of AWS',
}
/** What can be changed; the SDK would drop another name without a word. */
const SETTINGS = Object.keys(LAUNCH).filter((name) => !(name in OURS))

/**
 * Settings with changes laid over them, named as in EC2's LaunchTemplateData: objects are merged, `null` takes a setting away,
 * anything else replaces it.
 *
 * @throws RolloutError `spec-invalid` for a name that LaunchTemplateData does not have; values are not repeated in it.
 */
export function changeLaunch(data: LaunchData, changes: JsonObject): LaunchData {
  const problems = Object.keys(changes).flatMap((name) => {
    if (name in OURS) return [{ path: `launch.${name}`, found: 'a setting', allowed: OURS[name]! }]
    return SETTINGS.includes(name)
      ? []
      : [{ path: `launch.${name}`, found: 'no setting of a launch template', allowed: SETTINGS.join(', ') }]
  })
  if (problems.length > 0) throw problemsError('spec-invalid', 'These launch settings cannot be used', problems)
  return merged(data, changes) as LaunchData
}
