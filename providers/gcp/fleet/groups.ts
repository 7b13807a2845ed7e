import { callFailed, rolloutError, unlessAbsent } from '../../../src/core/errors.ts'
import { groupsNamed } from '../../../src/core/placement.ts'
import type { FleetTarget } from '../../../src/core/ports.ts'
import type { Where } from '../where.ts'
import type { Manager } from '../sdk/resources.ts'

/** The groups of one fleet, and its canonical id. */
export interface FoundGroups {
  readonly id: string
  readonly groups: readonly Manager[]
}

/**
 * The groups of a fleet: those that its placement names, or the one that its id comes from.
 *
 * @throws RolloutError `call-failed` of class `not-found` when it is not there, or was made anew under its name.
 */
export async function findGroups(place: Where, target: FleetTarget, signal: AbortSignal): Promise<FoundGroups> {
  const { id, placement, name } = target
  const isSlots = placement.kind === 'slots'
  // Whoever names two slots the other way round means the same fleet.
  const names = id !== undefined && !isSlots ? [nameInId(id)] : groupsNamed(placement).toSorted()
  const read = await Promise.all(names.map((one) => readGroup(place, one, signal).catch(unlessAbsent)))
  const there = read.filter((one) => one !== undefined)
  const groups = id === undefined || isSlots ? there : there.filter((one) => fleetId(place, one) === id)
  const missing = names.filter((_one, at) => read[at] === undefined)
  const [first] = groups
  if (first === undefined || (id === undefined && missing.length > 0)) throw notThere(place, name, missing, id)
  return { id: id ?? fleetId(place, first), groups }
}

/** A group by its name. @throws RolloutError `call-failed` of class `not-found`. */
function readGroup({ caller, project, location, kind }: Where, name: string, signal: AbortSignal): Promise<Manager> {
  const request = { project, instanceGroupManager: name }
  return kind === 'zone'
    ? caller.call('instanceGroupManagers.get', { ...request, zone: location }, signal)
    : caller.call('regionInstanceGroupManagers.get', { ...request, region: location }, signal)
}

/**
 * `gcp:project/location/name/number`: where the group is, what it is called, and the number that no other group ever has. The API finds
 * groups by their names, and a name may be given again.
 */
function fleetId({ project, location }: Where, group: Manager): string {
  return `gcp:${project}/${location}/${nameOf(group)}/${group.id ?? ''}`
}

function nameInId(id: string): string {
  return id.split('/').at(-2) ?? ''
}

/** The name of a group. @throws RolloutError `host-unfit` for an answer without one, which Compute Engine never gives. */
export function nameOf({ name = '' }: Manager): string {
  if (name === '') throw rolloutError('host-unfit', 'Compute Engine described a group without a name.', { why: 'no name' })
  return name
}

/** Whether a slot holds nothing: nobody is there, nor to come. */
export function isVacant({ targetSize = 0, status }: Manager): boolean {
  return targetSize === 0 && status?.isStable === true
}

function notThere({ project, location }: Where, fleet: string, missing: readonly string[], id: string | undefined) {
  const what =
    missing.length > 0
      ? `there is no managed instance group ${missing.join(' or ')} in ${project}/${location}`
      : `the managed instance group ${nameInId(id ?? '')} in ${project}/${location} is another one of this name, not ${id}`
  return callFailed('not-found', 'describe', `The fleet ${fleet}: ${what}.`)
}
