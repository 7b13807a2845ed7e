import { callFailed } from '../../../src/core/errors.ts'
import type { FleetTarget } from '../../../src/core/ports.ts'
import type { GroupView } from '../../../src/core/snapshot.ts'
import { afterSize, sizesGrown, type Sizes, totalOf } from '../../../src/core/sizes.ts'
import { describe } from '../fleet/describe.ts'
import type { Region } from '../region.ts'

/** A group as it is now, to write sizes against. @throws RolloutError `call-failed` of class `not-found`. */
export async function viewOfGroup(region: Region, target: FleetTarget, id: string, call: string, signal: AbortSignal) {
  const look = await describe(region, target, signal)
  const group = look.groups.find((one) => one.id === id)
  if (group !== undefined) return { look, group }
  const there = look.groups.map((one) => one.id).join(', ') || 'none'
  throw callFailed('not-found', call, `The fleet has no Auto Scaling group ${id}; there are: ${there}.`)
}

/**
 * Makes a group at least so large. A size below a minimum rises to it, and nothing falls: landed late it can do no harm, which a desired
 * size could.
 */
export async function grow({ caller }: Region, group: GroupView, total: number, signal: AbortSignal): Promise<void> {
  const write = (min: number) =>
    caller.call('autoScaling', 'UpdateAutoScalingGroup', { AutoScalingGroupName: group.id, MinSize: min }, signal)
  await write(Math.max(total, group.min))
  if (!isHeld(group) && total > group.min) await write(group.min).catch(afterSize)
}

/** Whether imago holds the group's minimum. */
export function isHeld({ holds }: GroupView): boolean {
  return holds.some((one) => one.kind === 'scale-in' && one.previousMin !== undefined)
}

/** See `FleetProvider.resize`. */
export async function resize(region: Region, target: FleetTarget, id: string, sizes: Sizes, signal: AbortSignal): Promise<void> {
  const { look, group } = await viewOfGroup(region, target, id, 'resize', signal)
  if (group.max === 0) throw callFailed('conflict', 'resize', `The group ${id} is being retired.`)
  totalOf(group, sizes, look.releases, 'resize')
  await grow(region, group, totalOf(group, sizesGrown(group.sizes, sizes), look.releases, 'resize'), signal)
}
