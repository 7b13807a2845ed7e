import { problemsError, type Problem } from '../../../src/core/errors.ts'
import { isObject, merged, type JsonObject } from '../../../src/core/json.ts'
import { PROFILE, type LaunchModel } from './model.ts'

/** What can be changed. */
const PARTS: readonly (keyof LaunchModel)[] = ['sku', 'plan', 'virtualMachineProfile']
const SETTINGS = Object.entries(PROFILE).flatMap(([name, kind]) => (kind === 'setting' ? [name] : []))
/** Settings that a plan has elsewhere. */
const OURS: readonly (readonly [readonly string[], string])[] = [
  [['sku', 'capacity'], 'nothing: the plan says how many'],
  [['virtualMachineProfile', 'storageProfile', 'imageReference'], 'the image of the plan'],
]

/**
 * A model with changes laid over it, named as in the client's `VirtualMachineScaleSet`: objects are merged, `null` takes a setting away,
 * anything else replaces it.
 *
 * @throws RolloutError `spec-invalid` for a name that a model does not have; values are not repeated in it.
 */
export function changeLaunch(model: LaunchModel, changes: JsonObject): LaunchModel {
  const { virtualMachineProfile: profile } = changes
  const problems = [
    ...strangers('launch', changes, PARTS),
    ...strangers('launch.virtualMachineProfile', isObject(profile) ? profile : {}, SETTINGS),
    ...OURS.flatMap(([path, allowed]) =>
      isSaid(changes, path) ? [{ path: `launch.${path.join('.')}`, found: 'a setting', allowed }] : [],
    ),
  ]
  if (problems.length > 0) throw problemsError('spec-invalid', 'These launch settings cannot be used', problems)
  return merged(model, changes) as LaunchModel
}

/** The client would drop another name without a word. */
function strangers(at: string, given: object, known: readonly string[]): Problem[] {
  const strange = Object.keys(given).filter((name) => !known.includes(name))
  return strange.map((name) => ({ path: `${at}.${name}`, found: 'no setting of a scale set', allowed: known.join(', ') }))
}

function isSaid(changes: unknown, [first, ...rest]: readonly string[]): boolean {
  if (first === undefined) return true
  return isObject(changes) && first in changes && isSaid(changes[first], rest)
}
