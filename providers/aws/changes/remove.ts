import { isRolloutError } from '../../../src/core/errors.ts'
import type { FleetTarget } from '../../../src/core/ports.ts'
import type { GroupView } from '../../../src/core/snapshot.ts'
import { sizesLeft, type Sizes, totalOf } from '../../../src/core/sizes.ts'
import { findGroups } from '../fleet/groups.ts'
import type { Region } from '../region.ts'
import { groupIn } from './group.ts'
import { chooseOnly } from './protection.ts'
import { isHeld, viewOfGroup } from './sizes.ts'
import { keptByZones } from './zones.ts'

/**
 * See `FleetProvider.remove`. Auto Scaling chooses its own victims when a size falls: everybody else is protected first, those to come
 * among them, so that only the named ones can be chosen, however late it lands. The size is absolute, and so all of it can be done
 * twice; ending instances one by one and counting down could not.
 */
export async function remove(
  region: Region,
  target: FleetTarget,
  id: string,
  victims: readonly string[],
  sizesAfter: Sizes,
  signal: AbortSignal,
): Promise<void> {
  const { look, group } = await viewOfGroup(region, target, id, 'remove', signal)
  const present = group.instances.filter((one) => one.state !== 'terminating')
  const going = new Set(present.map((one) => one.id).filter((one) => victims.includes(one)))
  const staying = present.filter((one) => !going.has(one.id))
  const total = totalOf(group, sizesLeft(group.sizes, sizesAfter, staying), look.releases, 'remove')
  const native = groupIn(await findGroups(region, target, signal), id, 'remove')
  await chooseOnly(region, native, going, signal)
  await shrink(region, group, total, signal)
  // Whoever is named beyond what the size falls by is ended, and replaced by another; whom a fuller zone keeps is ended, and is not.
  const [falling, replaced] = split([...going], Math.max(0, present.length - total))
  await endKept(region, target, id, keptByZones(native, falling), signal)
  for (const one of replaced) await end(region, one, signal)
}

/** Ends those of them that the fallen size has not taken. */
async function endKept(
  region: Region,
  target: FleetTarget,
  group: string,
  kept: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  if (kept.length === 0) return
  const { Instances: instances = [] } = groupIn(await findGroups(region, target, signal), group, 'remove')
  const staying = instances.filter((one) => one.LifecycleState?.startsWith('Terminating') !== true)
  for (const one of kept)
    if (staying.some(({ InstanceId }) => InstanceId === one)) await end(region, one, signal).catch(unlessEnding)
}

function split<Item>(items: readonly Item[], at: number): [Item[], Item[]] {
  return [items.slice(0, at), items.slice(at)]
}

/** One write for both: between two the minimum would stand in the way of the size. */
async function shrink({ caller }: Region, group: GroupView, total: number, signal: AbortSignal): Promise<void> {
  const min = isHeld(group) || group.min > total ? { MinSize: total } : {}
  const input = { AutoScalingGroupName: group.id, DesiredCapacity: total, ...min }
  await caller.call('autoScaling', 'UpdateAutoScalingGroup', input, signal)
}

/** By name, and the size stays: another is launched where the group has too few then. */
async function end({ caller }: Region, id: string, signal: AbortSignal): Promise<void> {
  const input = { InstanceId: id, ShouldDecrementDesiredCapacity: false }
  await caller.call('autoScaling', 'TerminateInstanceInAutoScalingGroup', input, signal)
}

/** Whom the falling size has taken meanwhile is ending, or has ended. */
function unlessEnding(error: unknown): void {
  if (isRolloutError(error, 'call-failed') && (error.facts.class === 'conflict' || error.facts.class === 'invalid')) return
  throw error
}
