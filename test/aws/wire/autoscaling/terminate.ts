import type { Account, GroupRecord, InstanceRecord, TargetGroupRecord } from '../account.ts'
import { carry } from '../elb/traffic.ts'
import { begin, finish } from './activities.ts'

/** Ends an instance of a group: it is deregistered first, and what it has under way may end. */
export function terminate(account: Account, group: GroupRecord, one: InstanceRecord, cause: string): void {
  const { world } = account
  const drainedAt = deregister(account, group, one)
  one.lifecycle = 'Terminating'
  const activity = begin(account, group, `Terminating EC2 instance: ${one.id}`, cause)
  const end = () => {
    world.machines.end(one.id, 'it was terminated')
    group.members.delete(one.id)
    account.instances.delete(one.id)
    finish(account, activity, 'Successful')
    removeIfEmpty(account, group)
  }
  if (drainedAt <= world.now) return end()
  activity.status = 'WaitingForELBConnectionDraining'
  carry(account)
  world.schedule(drainedAt, end)
}

/** A group that is being deleted is gone with its last instance. */
export function removeIfEmpty(account: Account, group: GroupRecord): void {
  if (group.deleting && group.members.size === 0) account.groups.delete(group.name)
}

/** @returns when the last of its target groups has let go of it. */
function deregister(account: Account, group: GroupRecord, one: InstanceRecord): number {
  const { world } = account
  if (one.lifecycle !== 'InService' || world.machines.find(one.id)?.state === 'dead') return world.now
  const registered = [...group.targetGroups].flatMap((arn) => account.targetGroups.get(arn) ?? [])
  for (const target of registered) letGo(account, target, one)
  return Math.max(world.now, ...registered.map((target) => target.deregistered.get(one.id) ?? 0))
}

/** A target group lets go of an instance: what it has under way may end. */
export function letGo(account: Account, target: TargetGroupRecord, { id }: InstanceRecord): void {
  if (isUsed(account, target) && !target.deregistered.has(id)) target.deregistered.set(id, account.world.now + delayMs(target))
}

/** How long a target group goes on with what a target has under way. */
export function delayMs({ attributes }: TargetGroupRecord): number {
  return Number(attributes.get('deregistration_delay.timeout_seconds')) * 1_000
}

/** Whether some rule forwards to it. */
export function isUsed(account: Account, { arn }: TargetGroupRecord): boolean {
  return [...account.rules.values()].some((rule) => rule.forwards.some((one) => one.arn === arn))
}
