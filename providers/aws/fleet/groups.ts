import { callFailed } from '../../../src/core/errors.ts'
import { groupsNamed, type Slots } from '../../../src/core/placement.ts'
import type { FleetTarget } from '../../../src/core/ports.ts'
import { MARKS, markValue, tagged, textOf } from '../marks.ts'
import type { Region } from '../region.ts'
import { nameOf, type AutoScalingGroup } from './group.ts'
import { holdsOf } from './holds.ts'

/** The groups of one fleet, and its canonical id. */
export interface FoundGroups {
  readonly id: string
  readonly groups: readonly AutoScalingGroup[]
}

/**
 * The groups of a fleet: those that bear its mark, and the one that its id comes from, which bears none before the first rollout.
 *
 * @throws RolloutError `call-failed` of class `not-found` when there is none.
 */
export async function findGroups(region: Region, target: FleetTarget, signal: AbortSignal): Promise<FoundGroups> {
  if (target.placement.kind === 'slots') return await findSlots(region, target, target.placement, signal)
  const { id, declared = [] } = target.id === undefined ? await firstContact(region, target, signal) : { id: target.id }
  const marked = await region.groups.marked(markValue(id), signal)
  const groups = unique([...(await firstGroup(region, id, [...declared, ...marked], signal)), ...marked]).filter(
    (one) => one.Status === undefined || isThere(one),
  )
  if (groups.length > 0) return { id, groups }
  throw callFailed(
    'not-found',
    'describe',
    `The fleet ${target.name}: in ${region.name} there is no Auto Scaling group ${nameIn(id)}, nor any with its mark, ${MARKS.fleet}=${markValue(id)}.`,
  )
}

/**
 * The two groups that a fleet of slots names; whoever names them the other way round means the same fleet.
 *
 * @throws RolloutError `call-failed` of class `not-found` when one of them is not there before the first rollout, or both later.
 */
async function findSlots(region: Region, { name, id }: FleetTarget, { a, b }: Slots, signal: AbortSignal): Promise<FoundGroups> {
  const names = [a, b].toSorted()
  const groups = (await region.groups.named(names, signal)).filter((one) => one.Status === undefined || isThere(one))
  const first = groups.find((one) => nameOf(one) === names[0])
  const missing = names.filter((slot) => groups.every((one) => nameOf(one) !== slot))
  if (id !== undefined && groups.length > 0) return { id, groups }
  if (first !== undefined && missing.length === 0) {
    const mark = groups.map((one) => tagged(one.Tags, MARKS.fleet)).find((one) => one !== undefined)
    return { id: mark === undefined ? fleetId(region, first) : textOf(mark), groups }
  }
  const found = `in ${region.name} there is no Auto Scaling group ${missing.join(' or ')}`
  throw callFailed('not-found', 'describe', `The fleet ${name}: ${found}.`)
}

/** Whether a slot holds nothing: nobody is there or to come, and no rollout has left its mark. */
export function isVacant(fleet: string, group: AutoScalingGroup): boolean {
  const marked = tagged(group.Tags, MARKS.rollout) !== undefined || holdsOf(fleet, group.Tags).length > 0
  return !marked && (group.DesiredCapacity ?? 0) === 0 && (group.Instances ?? []).length === 0
}

/** The group that an id comes from, which bears no mark before the first rollout. Once it is gone it never comes back, for its ARN is given once. */
async function firstGroup(
  region: Region,
  id: string,
  known: readonly AutoScalingGroup[],
  signal: AbortSignal,
): Promise<readonly AutoScalingGroup[]> {
  const there = known.filter((one) => fleetId(region, one) === id)
  if (there.length > 0 || region.goneGroups.has(id)) return there
  const named = await region.groups.named([nameIn(id)], signal)
  const first = named.filter((one) => fleetId(region, one) === id)
  if (first.length === 0 && known.length > 0) region.goneGroups.add(id)
  return first
}

interface Contact {
  readonly id: string
  /** The groups that the declaration names. */
  readonly declared?: readonly AutoScalingGroup[]
}

/**
 * The id of a fleet that is known by its declaration alone: the one that its group bears, or the one that it would get. Once that group is
 * gone, and no store knows the fleet, it is the one that others bear and that was made from the name; not where it is so long that a tag has
 * its digest only.
 */
async function firstContact(region: Region, target: FleetTarget, signal: AbortSignal): Promise<Contact> {
  const named = groupsNamed(target.placement)
  const declared = await region.groups.named(named, signal)
  const first = named.flatMap((name) => declared.find((one) => one.AutoScalingGroupName === name) ?? [])[0]
  const mark = tagged(first?.Tags, MARKS.fleet)
  if (first !== undefined) return { id: mark === undefined ? fleetId(region, first) : textOf(mark), declared }
  const [id, ...more] = await idsMadeFrom(region, named, signal)
  if (id !== undefined && more.length === 0) return { id }
  if (id !== undefined)
    throw callFailed(
      'conflict',
      'describe',
      `The fleet ${target.name}: ${[id, ...more].join(' and ')} were both begun with ${named.join(' or ')}, which is gone; adopt the group that is meant by its name.`,
    )
  throw callFailed(
    'not-found',
    'describe',
    `The fleet ${target.name}: there is no Auto Scaling group ${named.join(' or ')} in ${region.name}.`,
  )
}

async function idsMadeFrom({ groups }: Region, names: readonly string[], signal: AbortSignal): Promise<string[]> {
  const marks = (await groups.allMarked(signal)).flatMap((one) => tagged(one.Tags, MARKS.fleet) ?? [])
  return [...new Set(marks.map(textOf))].filter((id) => id.includes(NAMED) && names.includes(nameIn(id)))
}

/** `aws:account/region/` and what tells this group from every other that had its name. */
export function fleetId(region: Region, group: AutoScalingGroup): string {
  const [, , , , account = '', ...resource] = (group.AutoScalingGroupARN ?? '').split(':')
  return `aws:${account}/${region.name}/${resource.join(':')}`
}

/** The name of the group that an id comes from. */
function nameIn(id: string): string {
  return id.slice(id.indexOf(NAMED) + NAMED.length)
}

const NAMED = ':autoScalingGroupName/'

/** Groups whose deletion has begun are gone once their instances are; until then they are described. */
function isThere(group: AutoScalingGroup): boolean {
  return (group.Instances ?? []).length > 0
}

function unique(groups: readonly AutoScalingGroup[]): AutoScalingGroup[] {
  return [...new Map(groups.map((one) => [one.AutoScalingGroupARN, one])).values()]
}
