import type { Account, GroupRecord, InstanceRecord } from '../account.ts'
import { validation } from '../fault.ts'
import { text, type Input } from '../protocol/query.ts'

/** The group that an input names. @throws Fault as AWS words it when it is not there. */
export function groupIn(account: Account, input: Input): GroupRecord {
  const name = text(input, 'AutoScalingGroupName') ?? ''
  const group = account.groups.get(name)
  if (group === undefined) throw validation(`AutoScalingGroup name not found - AutoScalingGroup ${name} not found`)
  return group
}

/** The instances of a group. */
export function membersOf(account: Account, group: GroupRecord): InstanceRecord[] {
  return [...group.members].flatMap((id) => account.instances.get(id) ?? [])
}
