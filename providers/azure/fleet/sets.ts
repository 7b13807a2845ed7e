import { callFailed, unlessAbsent } from '../../../src/core/errors.ts'
import { groupsNamed, type Slots } from '../../../src/core/placement.ts'
import type { FleetTarget } from '../../../src/core/ports.ts'
import { MARKS, markValue, tagged } from '../marks.ts'
import type { ResourceGroup } from '../resource-group.ts'
import { nameOf, type ScaleSet } from './set.ts'

/** The scale sets of one fleet, and its canonical id. */
export interface FoundSets {
  readonly id: string
  readonly sets: readonly ScaleSet[]
}

/**
 * The scale sets of a fleet: the one that its id comes from and those that bear its mark, or the two slots.
 *
 * @throws RolloutError `call-failed` of class `not-found` when there is none, or one of two slots is missing before the first rollout.
 */
export async function findSets(group: ResourceGroup, target: FleetTarget, signal: AbortSignal): Promise<FoundSets> {
  const { placement, name } = target
  if (placement.kind === 'slots') return await findSlots(group, target, placement, signal)
  const [declared] = groupsNamed(placement)
  const listed = await group.together({ name: 'virtualMachineScaleSets.list', signal }, group.name, (shared) =>
    group.caller.list(shared, (client, options) => client.virtualMachineScaleSets.list(group.name, options)),
  )
  const id = target.id ?? idAtFirstContact(group, listed, declared)
  const members = listed.filter(
    (one) => isSame(fleetId(group, nameOf(one)), id) || tagged(one.tags, MARKS.fleet) === markValue(id),
  )
  const named = members.map((one) => ({ ...one, name: isSame(nameOf(one), declared) ? declared : nameOf(one) }))
  const sets = (await Promise.all(named.map((one) => readWhole(group, one, signal)))).filter((one) => one !== undefined)
  if (sets.length > 0) return { id, sets }
  const found = `there is no scale set ${declared}, nor any with its mark, ${MARKS.fleet}=${markValue(id)}`
  throw callFailed('not-found', 'describe', `The fleet ${name}: in the resource group ${group.name} ${found}.`)
}

/** The id that the declared set bears, or that it would get; once that set is gone, others bear the one that was made from its name. */
function idAtFirstContact(group: ResourceGroup, listed: readonly ScaleSet[], declared: string): string {
  const first = listed.find((one) => isSame(nameOf(one), declared))
  return tagged(first?.tags, MARKS.fleet) ?? fleetId(group, declared)
}

async function findSlots(
  group: ResourceGroup,
  { id, name }: FleetTarget,
  { a, b }: Slots,
  signal: AbortSignal,
): Promise<FoundSets> {
  const names = [a, b].toSorted()
  const sets = (await Promise.all(names.map((one) => readSet(group, one, signal)))).filter((one) => one !== undefined)
  const missing = names.filter((one) => sets.every((set) => !isSame(nameOf(set), one)))
  if (sets.length > 0 && (missing.length === 0 || id !== undefined)) return { id: id ?? fleetId(group, names[0] ?? ''), sets }
  throw callFailed(
    'not-found',
    'describe',
    `The fleet ${name}: in the resource group ${group.name} there is no scale set ${missing.join(' or ')}.`,
  )
}

/**
 * A set that was listed, with its user data, which no list has. Azure lets a set be read twelve times a minute, less than looks and changes
 * take: of one that nobody has written since it was read, the profile is known.
 */
async function readWhole(group: ResourceGroup, listed: ScaleSet, signal: AbortSignal): Promise<ScaleSet | undefined> {
  const { etag, uniqueId } = listed
  const name = nameOf(listed)
  const known = group.profiles.get(name)
  if (known !== undefined && etag !== undefined && known.etag === etag && known.uniqueId === uniqueId)
    return known.virtualMachineProfile === undefined ? listed : { ...listed, virtualMachineProfile: known.virtualMachineProfile }
  const set = await readSet(group, name, signal)
  if (set === undefined) group.profiles.delete(name)
  else remember(group.profiles, name, set)
  return set
}

/** The oldest goes for the newest, once there are so many. */
function remember(profiles: Map<string, ScaleSet>, name: string, set: ScaleSet): void {
  profiles.delete(name)
  profiles.set(name, set)
  const [oldest] = profiles.keys()
  if (profiles.size > MOST_PROFILES && oldest !== undefined) profiles.delete(oldest)
}

const MOST_PROFILES = 1_000

/** A scale set with the user data that it launches, which is left out unless it is asked for. */
export async function readSet(group: ResourceGroup, name: string, signal: AbortSignal): Promise<ScaleSet | undefined> {
  const set = await group
    .together({ name: 'virtualMachineScaleSets.get', signal }, name, (shared) =>
      group.caller.call(shared, (client, options) =>
        client.virtualMachineScaleSets.get(group.name, name, { ...options, expand: 'userData' }),
      ),
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

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
