import { callFailed, rolloutError, unlessAbsent } from '../../../src/core/errors.ts'
import { groupsNamed } from '../../../src/core/placement.ts'
import type { FleetTarget } from '../../../src/core/ports.ts'
import { BEARS_MARKS, marksOf } from '../marks.ts'
import type { Where } from '../where.ts'
import type { Manager } from '../sdk/resources.ts'

/** The groups of one fleet, and its canonical id. */
export interface FoundGroups {
  readonly id: string
  readonly groups: readonly Manager[]
}

/**
 * The groups of a fleet: those that bear its mark, and the one that its id comes from, which is asked for by its name where it is not among
 * them: it bears none before the first rollout.
 *
 * @throws RolloutError `call-failed` of class `not-found` when it is not there, or was made anew under its name.
 */
export async function findGroups(place: Where, target: FleetTarget, signal: AbortSignal): Promise<FoundGroups> {
  const { id, placement, name } = target
  if (placement.kind === 'slots') return await findSlots(place, target, signal)
  const [named] = id === undefined ? groupsNamed(placement) : [nameInId(id)]
  const marked = await readMarked(place, signal)
  const first = marked.find((one) => one.name === named) ?? (await readManager(place, named, signal).catch(unlessAbsent))
  const fleet = id ?? (first === undefined ? idMadeFrom(place, target, named, marked) : fleetOf(place, first))
  const declared = first !== undefined && fleetOf(place, first) === fleet ? [first] : []
  const groups = unique([...declared, ...marked.filter((one) => marksOf(one).fleet === fleet)])
  if (fleet === undefined || groups.length === 0) throw notThere(place, name, first === undefined ? [named] : [], id)
  return { id: fleet, groups }
}

/** The two groups that a fleet of slots names; whoever names them the other way round means the same fleet. */
async function findSlots(place: Where, { id, placement, name }: FleetTarget, signal: AbortSignal): Promise<FoundGroups> {
  const names = groupsNamed(placement).toSorted()
  const read = await Promise.all(names.map((one) => readManager(place, one, signal).catch(unlessAbsent)))
  const groups = read.filter((one) => one !== undefined)
  const missing = names.filter((_one, at) => read[at] === undefined)
  const [first] = groups
  if (first === undefined || (id === undefined && missing.length > 0)) throw notThere(place, name, missing, id)
  return { id: id ?? groups.map((one) => marksOf(one).fleet).find((one) => one !== undefined) ?? fleetId(place, first), groups }
}

/** All groups here that imago marked. What the API selects by is checked again, for somebody else may write a text like it. */
function readMarked({ caller, project, location, kind }: Where, signal: AbortSignal): Promise<readonly Manager[]> {
  const request = { project, filter: BEARS_MARKS }
  return kind === 'zone'
    ? caller.list('instanceGroupManagers.list', { ...request, zone: location }, signal)
    : caller.list('regionInstanceGroupManagers.list', { ...request, region: location }, signal)
}

/** The fleet of a group: the one that it bears, or the one that it would begin. */
function fleetOf(place: Where, group: Manager): string {
  return marksOf(group).fleet ?? fleetId(place, group)
}

/** Once the first group is gone, and no store knows the fleet, it is the one that others bear and that was made from the name. */
function idMadeFrom(place: Where, { name }: FleetTarget, named: string, marked: readonly Manager[]): string | undefined {
  const ids = new Set(marked.flatMap((one) => marksOf(one).fleet ?? []).filter((one) => nameInId(one) === named))
  const [id, ...more] = ids
  if (more.length === 0) return id
  const why = `${[...ids].join(' and ')} were both begun with ${named}, which is gone; adopt the group that is meant by its name`
  throw callFailed('conflict', 'describe', `The fleet ${name} in ${place.project}/${place.location}: ${why}.`)
}

function unique(groups: readonly Manager[]): Manager[] {
  return [...new Map(groups.map((one) => [String(one.id), one])).values()]
}

/** A group by its name. @throws RolloutError `call-failed` of class `not-found`. */
export function readManager({ caller, project, location, kind }: Where, name: string, signal: AbortSignal): Promise<Manager> {
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

/** Whether a slot holds nothing: nobody is there or to come, and no rollout has left its mark. */
export function isVacant(group: Manager): boolean {
  const { rollout, holds } = marksOf(group)
  return (group.targetSize ?? 0) === 0 && group.status?.isStable === true && rollout === undefined && holds === undefined
}

/** The groups of a fleet that somebody may be in. */
export function occupied(groups: readonly Manager[], { placement }: FleetTarget): readonly Manager[] {
  return placement.kind === 'slots' ? groups.filter((one) => !isVacant(one)) : groups
}

function notThere({ project, location }: Where, fleet: string, missing: readonly string[], id: string | undefined) {
  const what =
    missing.length > 0
      ? `there is no managed instance group ${missing.join(' or ')} in ${project}/${location}`
      : `the managed instance group ${nameInId(id ?? '')} in ${project}/${location} is another one of this name, not ${id}`
  return callFailed('not-found', 'describe', `The fleet ${fleet}: ${what}.`)
}
