import type { Account, GroupRecord } from '../account.ts'
import { validation } from '../fault.ts'
import { text, type Input } from '../protocol/query.ts'

/** The group that an input names. @throws Fault as AWS words it when it is not there. */
export function groupIn(account: Account, input: Input): GroupRecord {
  const name = text(input, 'AutoScalingGroupName') ?? ''
  const group = account.groups.get(name)
  if (group === undefined) throw validation(`AutoScalingGroup name not found - AutoScalingGroup ${name} not found`)
  return group
}
