import { callFailed } from '../../../src/core/errors.ts'
import type { FleetTarget } from '../../../src/core/ports.ts'
import type { HoldView } from '../../../src/core/snapshot.ts'
import { nameOf, type AutoScalingGroup } from '../fleet/group.ts'
import { findGroups, type FoundGroups } from '../fleet/groups.ts'
import { holdKeys, holdsOf, holdTags, REBALANCING, type HoldMark } from '../fleet/holds.ts'
import { MARKS, markValue, tagged } from '../marks.ts'
import type { Region } from '../region.ts'
import { groupIn } from './group.ts'
import { chooseFreely, startingOtherwise } from './protection.ts'
import { deleteSpareTemplates } from './spare-templates.ts'

/** See `FleetProvider.hold`. The mark is written before what it holds. */
export async function hold(
  region: Region,
  target: FleetTarget,
  id: string,
  wanted: HoldView,
  min: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  const found = await findGroups(region, target, signal)
  const group = groupIn(found, id, 'hold')
  refuseRival(region, found, group, wanted)
  const before = holdsOf(found.id, group.Tags).find((one) => one.kind === wanted.kind)
  const mark: HoldMark = min === undefined ? wanted : { ...wanted, ...(before ?? firstHold(group, wanted)), ...limits(wanted) }
  await writeTags(region, id, [{ Key: MARKS.fleet, Value: markValue(found.id) }, ...holdTags(found.id, mark)], signal)
  if (min === undefined) return
  const { caller } = region
  const raised = Math.max(minAfter(group, mark.previousMin ?? 0), min)
  if (group.MinSize !== raised)
    await caller.call('autoScaling', 'UpdateAutoScalingGroup', { AutoScalingGroupName: id, MinSize: raised }, signal)
  await stopRebalancing(region, id, mark, signal)
}

/** See `FleetProvider.release`. What was held is undone, and seen undone, before its mark goes; with a claim goes what is spare. */
export async function release(
  region: Region,
  target: FleetTarget,
  id: string,
  kind: HoldView['kind'],
  owner: string,
  signal: AbortSignal,
): Promise<void> {
  const found = await findGroups(region, target, signal)
  const group = found.groups.find((one) => nameOf(one) === id)
  const held = holdsOf(found.id, group?.Tags).find((one) => one.kind === kind && one.owner === owner)
  if (group === undefined || held === undefined) return
  const { caller } = region
  if (held.previousMin !== undefined) await letGo(region, target, group, { ...held, previousMin: held.previousMin }, signal)
  if (kind === 'claim') await deleteSpareTemplates(region, found, signal)
  const tags = holdKeys(kind).map((key) => ({ ResourceId: id, ResourceType: 'auto-scaling-group', Key: key }))
  await caller.call('autoScaling', 'DeleteTags', { Tags: tags }, signal)
}

/** One write for both: what is launched from then on, for the minimum or for anybody else, is as its owner wants it. */
async function letGo(
  region: Region,
  target: FleetTarget,
  group: AutoScalingGroup,
  held: HoldMark & { readonly previousMin: number },
  signal: AbortSignal,
): Promise<void> {
  const [id, guarded] = [nameOf(group), held.protected === true]
  const wanted = { MinSize: minAfter(group, held.previousMin), NewInstancesProtectedFromScaleIn: guarded }
  await region.caller.call('autoScaling', 'UpdateAutoScalingGroup', { AutoScalingGroupName: id, ...wanted }, signal)
  if (held.rebalanced === true) await resumeRebalancing(region, id, signal)
  const { groups } = await findGroups(region, target, signal)
  const now = groups.find((one) => nameOf(one) === id)
  if (now === undefined) return
  await chooseFreely(region, now, guarded, signal)
  refuseHeld(now, wanted)
}

/**
 * Never above the largest size, which somebody may have lowered meanwhile, as whoever retires a group does. One that a rollout made may be
 * smaller than the one that it takes over from: its minimum never makes it larger.
 */
function minAfter({ Tags: tags, DesiredCapacity: desired = 0, MaxSize: max = 0 }: AutoScalingGroup, previous: number): number {
  return tagged(tags, MARKS.rollout) === undefined ? Math.min(previous, max) : Math.min(previous, desired)
}

/** Zones are balanced no more while a hold is on their group that found them balanced. */
export async function stopRebalancing(
  { caller }: Region,
  group: string,
  mark: HoldMark | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (mark?.rebalanced !== true) return
  const input = { AutoScalingGroupName: group, ScalingProcesses: [REBALANCING] }
  await caller.call('autoScaling', 'SuspendProcesses', input, signal)
}

/** Zones are balanced again. */
export async function resumeRebalancing({ caller }: Region, group: string, signal: AbortSignal): Promise<void> {
  const input = { AutoScalingGroupName: group, ScalingProcesses: [REBALANCING] }
  await caller.call('autoScaling', 'ResumeProcesses', input, signal)
}

/** @throws RolloutError `call-failed` of class `transient` while a read still shows what was held, or an instance starts up that it protects. */
function refuseHeld(
  group: AutoScalingGroup,
  { MinSize: min, NewInstancesProtectedFromScaleIn: guarded }: { MinSize: number; NewInstancesProtectedFromScaleIn: boolean },
): void {
  const id = nameOf(group)
  if (group.MinSize !== min)
    throw callFailed('transient', 'release', `${id} still shows a minimum of ${group.MinSize}, not ${min}.`)
  const starting = startingOtherwise(group, guarded)
  if (starting.length === 0) return
  const how = guarded ? 'without its protection' : 'protected'
  throw callFailed(
    'transient',
    'release',
    `${starting.join(', ')} of ${id} started ${how} from scale-in, which can be changed in service.`,
  )
}

/** What there is before a group is held. */
export function firstHold(group: AutoScalingGroup, wanted: HoldView): Partial<HoldMark> {
  const suspended = (group.SuspendedProcesses ?? []).some((one) => one.ProcessName === REBALANCING)
  return {
    previousMin: wanted.previousMin ?? group.MinSize ?? 0,
    ...(suspended ? {} : { rebalanced: true }),
    ...(group.NewInstancesProtectedFromScaleIn === true ? { protected: true } : {}),
  }
}

/** What a renewal says anew; what was there before the first hold stays. */
export function limits({ kind, owner, epoch, expiresAt, store }: HoldView): HoldView {
  return { kind, owner, epoch, expiresAt, store }
}

/** @throws RolloutError `call-failed` of class `conflict` while somebody else's mark is in force. */
function refuseRival({ now }: Region, found: FoundGroups, group: AutoScalingGroup, wanted: HoldView): void {
  const marksOf = (one: AutoScalingGroup, kind: HoldView['kind']) =>
    holdsOf(found.id, one.Tags).filter((mark) => mark.kind === kind)
  const marks = [...found.groups.flatMap((one) => marksOf(one, 'claim')), ...marksOf(group, wanted.kind)]
  const rival = marks.find((one) => one.expiresAt > now() && !isSuccessor(one, wanted))
  if (rival === undefined) return
  const until = new Date(rival.expiresAt).toISOString()
  throw callFailed('conflict', 'hold', `${rival.owner} (epoch ${rival.epoch}, store ${rival.store}) holds it until ${until}.`)
}

function isSuccessor(before: HoldView, wanted: HoldView): boolean {
  return before.owner === wanted.owner && markValue(before.store) === markValue(wanted.store) && wanted.epoch >= before.epoch
}

async function writeTags(
  { caller }: Region,
  group: string,
  tags: readonly { Key: string; Value: string }[],
  signal: AbortSignal,
): Promise<void> {
  const input = tags.map((tag) => ({ ...tag, ResourceId: group, ResourceType: 'auto-scaling-group', PropagateAtLaunch: false }))
  await caller.call('autoScaling', 'CreateOrUpdateTags', { Tags: input }, signal)
}
