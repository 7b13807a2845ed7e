import type { FleetTarget } from '../../../src/core/ports.ts'
import { deleteAlarmsOf } from '../clone/parts/policies.ts'
import { poolOf } from '../clone/parts/warm-pool.ts'
import { nameOf, type AutoScalingGroup } from '../fleet/group.ts'
import { findGroups } from '../fleet/groups.ts'
import { MARKS, tagged } from '../marks.ts'
import type { Region } from '../region.ts'
import { chooseFreely } from './protection.ts'
import { emptySlot } from './slots.ts'

/**
 * See `FleetProvider.retire`. The group is emptied by its own means, so that hooks and draining have their time, which deleting it by
 * force would not give; it is deleted when somebody asks again and it is empty.
 */
export async function retire(region: Region, target: FleetTarget, id: string, signal: AbortSignal): Promise<void> {
  const found = await findGroups(region, target, signal)
  const group = found.groups.find((one) => nameOf(one) === id)
  if (group === undefined || group.Status !== undefined) return
  if (target.placement.kind === 'slots') return await emptySlot(region, found.id, group, signal)
  await empty(region, group, signal)
  if (poolOf(group).length > 0) await region.caller.call('autoScaling', 'DeleteWarmPool', { AutoScalingGroupName: id }, signal)
  if ((group.Instances?.length ?? 0) > 0 || group.WarmPoolConfiguration !== undefined) return
  if (tagged(group.Tags, MARKS.rollout) !== undefined)
    await deleteAlarmsOf({ caller: region.caller, group, now: region.now(), signal })
  await region.caller.call('autoScaling', 'DeleteAutoScalingGroup', { AutoScalingGroupName: id }, signal)
}

async function empty(region: Region, group: AutoScalingGroup, signal: AbortSignal): Promise<void> {
  const id = nameOf(group)
  await chooseFreely(region, group, false, signal)
  if (group.MinSize === 0 && group.MaxSize === 0 && group.DesiredCapacity === 0) return
  const none = { AutoScalingGroupName: id, MinSize: 0, MaxSize: 0, DesiredCapacity: 0 }
  await region.caller.call('autoScaling', 'UpdateAutoScalingGroup', none, signal)
}
