import { callFailed, unlessAbsent } from '../../../src/core/errors.ts'
import { groupsNamed } from '../../../src/core/placement.ts'
import type { FleetTarget } from '../../../src/core/ports.ts'
import type { ResourceGroup } from '../resource-group.ts'
import { nameOf, type ScaleSet } from './set.ts'

/** The scale sets of one fleet, and its canonical id. */
export interface FoundSets {
  readonly id: string
  readonly sets: readonly ScaleSet[]
}

/**
 * The scale sets of a fleet: the one that its id comes from, or the two slots.
 *
 * @throws RolloutError `call-failed` of class `not-found` when there is none, or one of two slots is missing before the first rollout.
 */
export async function findSets(group: ResourceGroup, target: FleetTarget, signal: AbortSignal): Promise<FoundSets> {
  const { placement, id, name } = target
  const declared = groupsNamed(placement)
  const names = placement.kind === 'slots' ? declared.toSorted() : [nameIn(group, id) ?? declared[0]]
  const sets = (await Promise.all(names.map((one) => readSet(group, one, signal)))).filter((one) => one !== undefined)
  const [first = ''] = names
  const missing = names.filter((one) => sets.every((set) => !isSame(nameOf(set), one)))
  if (sets.length > 0 && (missing.length === 0 || id !== undefined)) return { id: id ?? fleetId(group, first), sets }
  throw callFailed(
    'not-found',
    'describe',
    `The fleet ${name}: in the resource group ${group.name} there is no scale set ${missing.join(' or ')}.`,
  )
}

/** A scale set with the user data that it launches, which is left out unless it is asked for. */
async function readSet(group: ResourceGroup, name: string, signal: AbortSignal): Promise<ScaleSet | undefined> {
  const set = await group.caller
    .call({ name: 'virtualMachineScaleSets.get', signal }, (client, options) =>
      client.virtualMachineScaleSets.get(group.name, name, { ...options, expand: 'userData' }),
    )
    .catch(unlessAbsent)
  // Names are the same in upper and lower case: the group is called as the fleet calls it.
  return set === undefined ? undefined : { ...set, name }
}

/**
 * `azure:subscription/resource group/scale set`, in lower case: the three parts of the set's resource id that differ. A set that is deleted
 * and made anew under its name has the id that it had.
 */
export function fleetId({ subscription, name }: ResourceGroup, set: string): string {
  return `azure:${subscription}/${name}/${set}`.toLowerCase()
}

/** The name of the set that an id comes from; `undefined` for the id of a fleet that is not in this resource group. */
function nameIn(group: ResourceGroup, id: string | undefined): string | undefined {
  const within = fleetId(group, '')
  return id?.startsWith(within) === true ? id.slice(within.length) : undefined
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
