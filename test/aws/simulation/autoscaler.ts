import type { FaultPlan } from '../../../src/testing/cloud/faults.ts'
import type { Account, GroupRecord } from '../wire/account.ts'
import { membersOf } from '../wire/autoscaling/find.ts'
import { autoScaling } from '../wire/autoscaling/operations.ts'

/** Target tracking on every group: each period it asks for as many instances as the group's share of the demand needs, within its bounds. */
export function startTracking(account: Account, faults: FaultPlan, periodMs: number): void {
  const { world } = account
  const round = () => {
    for (const group of account.groups.values()) {
      const wanted = Math.min(group.max, Math.max(group.min, Math.ceil(world.demand * shareOf(account, group) - 1e-9)))
      if (group.deleting || wanted === group.desired || group.suspended.has('AlarmNotification')) continue
      const against = group.tags.has('imago:rollout') && wanted < group.desired
      if (group.tags.has('imago:scale-in') && faults.may(13)) faults.count(13)
      if (against && faults.may(14)) faults.count(14)
      world.because({ kind: 'autoscaler', name: group.name, fault: against ? 14 : 13 }, () => {
        autoScaling['SetDesiredCapacity']?.(account, { AutoScalingGroupName: group.name, DesiredCapacity: String(wanted) })
        world.record(`${group.name} shall have ${wanted}`)
      })
    }
    world.schedule(world.now + periodMs, round)
  }
  world.schedule(world.now + periodMs, round)
}

/** The part of the listener's requests that a group takes. */
function shareOf(account: Account, group: GroupRecord): number {
  let share = 0
  for (const arn of group.targetGroups) {
    const all = [...account.groups.values()].filter((one) => one.targetGroups.has(arn))
    const serving = all.reduce((sum, one) => sum + servingIn(account, one, arn), 0)
    const portion = serving === 0 ? 1 / all.length : servingIn(account, group, arn) / serving
    share += weightOf(account, arn) * portion
  }
  return share
}

/** The share of the listener's requests that a target group gets. */
export function weightOf(account: Account, targetGroup: string): number {
  const forwards = [...account.rules.values()].find((one) => one.isDefault)?.forwards ?? []
  const whole = forwards.reduce((sum, one) => sum + one.weight, 0)
  return whole === 0 ? 0 : (forwards.find((one) => one.arn === targetGroup)?.weight ?? 0) / whole
}

/** How many instances of a group answer requests that come by a target group. */
export function servingIn(account: Account, group: GroupRecord, targetGroup: string): number {
  const out = account.targetGroups.get(targetGroup)?.deregistered
  return membersOf(account, group).filter(
    (one) =>
      one.lifecycle === 'InService' && out?.has(one.id) !== true && account.world.machines.find(one.id)?.state === 'healthy',
  ).length
}
