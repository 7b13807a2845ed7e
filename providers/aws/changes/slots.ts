import { findGroups } from '../fleet/groups.ts'
import { nameOf, type AutoScalingGroup } from '../fleet/group.ts'
import { holdKeys, holdsOf, holdTags } from '../fleet/holds.ts'
import { MARKS, tagged } from '../marks.ts'
import type { Region } from '../region.ts'
import { groupIn } from './group.ts'
import { firstHold, limits, resumeRebalancing, stopRebalancing } from './holds.ts'
import { checkSize, heldBy, launching, marks, ownSettings, templateOf, wholeNow, type Making } from './making.ts'
import { chooseFreely, protectNew } from './protection.ts'

/** A slot launches the new release from now on, within the bounds of the group that serves. It bears its marks before it has instances. */
export async function fillSlot(making: Making): Promise<void> {
  const { region, target, request, signal } = making
  const found = await findGroups(region, target, signal)
  const slot = groupIn(found, request.group, 'ensureGroup')
  const like = groupIn(found, request.like, 'ensureGroup')
  const max = Math.max(like.MaxSize ?? 0, slot.MaxSize ?? 0)
  checkSize(request, max)
  const { group, size } = request
  const template = await templateOf(making, found.id)
  const held = heldBy(found, like, request.rolloutId)
  const before = holdsOf(found.id, slot.Tags).find((one) => one.kind === 'scale-in')
  const mark = held && (before ?? { ...firstHold(slot, held), ...limits(held) })
  const marked = [...marks(found, request), ...(mark === undefined ? [] : holdTags(found.id, mark))]
  const tags = marked.map((tag) => ({
    ...tag,
    ResourceId: group,
    ResourceType: 'auto-scaling-group',
    PropagateAtLaunch: false,
  }))
  await region.caller.call('autoScaling', 'CreateOrUpdateTags', { Tags: tags }, signal)
  // Filled by its minimum, as `grow` does: a desired size that lands late, when the slot has grown, would take what serves.
  const input = { AutoScalingGroupName: group, ...launching(slot, template), MinSize: size, MaxSize: max }
  await region.caller.call('autoScaling', 'UpdateAutoScalingGroup', input, signal)
  const own = held === undefined ? ownSettings(found, like).min : size
  if (own < size)
    await region.caller.call('autoScaling', 'UpdateAutoScalingGroup', { AutoScalingGroupName: group, MinSize: own }, signal)
  await stopRebalancing(region, group, mark, signal)
  await wholeNow(region, group, signal)
}

/** A slot is empty for good, and as its owner made it but for what it launches; its largest size is its owner's. */
export async function emptySlot(region: Region, fleet: string, group: AutoScalingGroup, signal: AbortSignal): Promise<void> {
  const id = nameOf(group)
  const keys = [MARKS.rollout, MARKS.partial, ...holdKeys('scale-in'), ...holdKeys('claim')]
  await chooseFreely(region, group, false, signal)
  // While its instances end it is asked for again and again.
  const isEmptied = group.MinSize === 0 && group.DesiredCapacity === 0
  if (isEmptied && keys.every((key) => tagged(group.Tags, key) === undefined)) return
  const held = holdsOf(fleet, group.Tags).find((one) => one.kind === 'scale-in')
  const none = { AutoScalingGroupName: id, MinSize: 0, DesiredCapacity: 0 }
  await region.caller.call('autoScaling', 'UpdateAutoScalingGroup', none, signal)
  if (held?.rebalanced === true) await resumeRebalancing(region, id, signal)
  if (held?.protected === true) await protectNew(region, group, true, signal)
  const tags = keys.map((key) => ({ ResourceId: id, ResourceType: 'auto-scaling-group', Key: key }))
  await region.caller.call('autoScaling', 'DeleteTags', { Tags: tags }, signal)
}
