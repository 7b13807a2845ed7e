import { callFailed, rolloutError } from '../../../src/core/errors.ts'
import { groupsNamed } from '../../../src/core/placement.ts'
import type { FleetTarget } from '../../../src/core/ports.ts'
import { MARKS, markValue, tagged, textOf } from '../marks.ts'
import type { Region } from '../region.ts'
import type { Caller } from '../sdk/caller.ts'
import { readPages } from '../sdk/pages.ts'
import type { InputOf, OutputOf } from '../sdk/services.ts'

/** A group as Auto Scaling describes it. */
export type AutoScalingGroup = NonNullable<OutputOf<'autoScaling', 'DescribeAutoScalingGroups'>['AutoScalingGroups']>[number]

/** The groups of one fleet, and its canonical id. */
export interface FoundGroups {
  readonly id: string
  readonly groups: readonly AutoScalingGroup[]
}

const GROUPS_A_PAGE = 100

/**
 * The groups of a fleet: those that bear its mark, and the one that its id comes from, which bears none before the first rollout.
 *
 * @throws RolloutError `call-failed` of class `not-found` when there is none.
 */
export async function findGroups(region: Region, target: FleetTarget, signal: AbortSignal): Promise<FoundGroups> {
  const id = target.id ?? (await firstContact(region, target, signal))
  const { caller } = region
  const [marked, named] = await Promise.all([
    readGroups(caller, { Filters: [{ Name: `tag:${MARKS.fleet}`, Values: [markValue(id)] }] }, signal),
    readGroups(caller, { AutoScalingGroupNames: [nameIn(id)] }, signal),
  ])
  const first = named.filter((one) => fleetId(region, one) === id)
  const groups = unique([...first, ...marked]).filter((one) => one.Status === undefined || isThere(one))
  if (groups.length > 0) return { id, groups }
  throw callFailed(
    'not-found',
    'describe',
    `The fleet ${target.name}: in ${region.name} there is no Auto Scaling group ${nameIn(id)}, nor any with its mark, ${MARKS.fleet}=${markValue(id)}.`,
  )
}

/** The id of a fleet that is known by its declaration alone: the one that its group bears, or the one that it would get. */
async function firstContact(region: Region, target: FleetTarget, signal: AbortSignal): Promise<string> {
  const named = groupsNamed(target.placement)
  const declared = await readGroups(region.caller, { AutoScalingGroupNames: [...named] }, signal)
  const first = named.flatMap((name) => declared.find((one) => one.AutoScalingGroupName === name) ?? [])[0]
  const mark = tagged(first?.Tags, MARKS.fleet)
  if (first !== undefined) return mark === undefined ? fleetId(region, first) : textOf(mark)
  throw callFailed(
    'not-found',
    'describe',
    `The fleet ${target.name}: there is no Auto Scaling group ${named.join(' or ')} in ${region.name}.`,
  )
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

/** The name of a group. @throws RolloutError `host-unfit` for an answer without one, which AWS never gives. */
export function nameOf(group: AutoScalingGroup): string {
  const { AutoScalingGroupName: name } = group
  if (name === undefined) throw rolloutError('host-unfit', 'Auto Scaling described a group without a name.', { why: 'no name' })
  return name
}

/** Groups whose deletion has begun are gone once their instances are; until then they are described. */
function isThere(group: AutoScalingGroup): boolean {
  return (group.Instances ?? []).length > 0
}

async function readGroups(
  caller: Caller,
  query: InputOf<'autoScaling', 'DescribeAutoScalingGroups'>,
  signal: AbortSignal,
): Promise<AutoScalingGroup[]> {
  const pages = await readPages((next) =>
    caller.call('autoScaling', 'DescribeAutoScalingGroups', { ...query, MaxRecords: GROUPS_A_PAGE, ...next }, signal),
  )
  return pages.flatMap((page) => page.AutoScalingGroups ?? [])
}

function unique(groups: readonly AutoScalingGroup[]): AutoScalingGroup[] {
  return [...new Map(groups.map((one) => [one.AutoScalingGroupARN, one])).values()]
}
