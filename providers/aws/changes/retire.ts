import type { FleetTarget } from '../../../src/core/ports.ts'
import { deleteAlarmsOf } from '../clone/parts/policies.ts'
import { poolOf } from '../clone/parts/warm-pool.ts'
import { nameOf, type AutoScalingGroup } from '../fleet/group.ts'
import { findGroups } from '../fleet/groups.ts'
import { holdKeys, holdsOf } from '../fleet/holds.ts'
import { MARKS, tagged } from '../marks.ts'
import type { Region } from '../region.ts'
import { resumeRebalancing } from './holds.ts'
import { chooseFreely, protectNew } from './protection.ts'

/**
 * See `FleetProvider.retire`. The group is emptied by its own means, so that hooks and draining have their time, which deleting it by
 * force would not give; it is deleted when somebody asks again and it is empty.
 */
export async function retire(region: Region, target: FleetTarget, id: string, signal: AbortSignal): Promise<void> {
  const found = await findGroups(region, target, signal)
  const group = found.groups.find((one) => nameOf(one) === id)
  if (group === undefined || group.Status !== undefined) return
  if (target.placement.kind === 'slots') return await vacate(region, found.id, group, signal)
  await empty(region, group, signal)
  if (poolOf(group).length > 0) await region.caller.call('autoScaling', 'DeleteWarmPool', { AutoScalingGroupName: id }, signal)
  if ((group.Instances?.length ?? 0) > 0 || group.WarmPoolConfiguration !== undefined) return
  if (tagged(group.Tags, MARKS.rollout) !== undefined)
    await deleteAlarmsOf({ caller: region.caller, group, now: region.now(), signal })
  await region.caller.call('autoScaling', 'DeleteAutoScalingGroup', { AutoScalingGroupName: id }, signal)
}

/** A slot is empty for good, and as its owner made it but for what it launches; its largest size is its owner's. */
async function vacate(region: Region, fleet: string, group: AutoScalingGroup, signal: AbortSignal): Promise<void> {
  const id = nameOf(group)
  const held = holdsOf(fleet, group.Tags).find((one) => one.kind === 'scale-in')
  await chooseFreely(region, group, false, signal)
  const none = { AutoScalingGroupName: id, MinSize: 0, DesiredCapacity: 0 }
  await region.caller.call('autoScaling', 'UpdateAutoScalingGroup', none, signal)
  if (held?.rebalanced === true) await resumeRebalancing(region, id, signal)
  if (held?.protected === true) await protectNew(region, group, true, signal)
  const keys = [MARKS.rollout, MARKS.partial, ...holdKeys('scale-in'), ...holdKeys('claim')]
  const tags = keys.map((key) => ({ ResourceId: id, ResourceType: 'auto-scaling-group', Key: key }))
  await region.caller.call('autoScaling', 'DeleteTags', { Tags: tags }, signal)
}

async function empty(region: Region, group: AutoScalingGroup, signal: AbortSignal): Promise<void> {
  const id = nameOf(group)
  await chooseFreely(region, group, false, signal)
  if (group.MinSize === 0 && group.MaxSize === 0 && group.DesiredCapacity === 0) return
  const none = { AutoScalingGroupName: id, MinSize: 0, MaxSize: 0, DesiredCapacity: 0 }
  await region.caller.call('autoScaling', 'UpdateAutoScalingGroup', none, signal)
}
