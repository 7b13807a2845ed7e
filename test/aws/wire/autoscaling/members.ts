import type { Account, GroupRecord, InstanceRecord } from '../account.ts'
import { Fault, validation } from '../fault.ts'
import { flag, text, texts, type Input } from '../protocol/query.ts'
import type { Output } from '../protocol/xml.ts'
import { converge } from './converge.ts'
import { groupIn, membersOf } from './find.ts'
import { activityOutput } from './outputs.ts'
import { activeRefresh } from './refresh.ts'
import { letGo, terminate } from './terminate.ts'

type Operation = (account: Account, input: Input) => Output

/** What Auto Scaling does to single instances, and to which target groups they are registered. */
export const members: Readonly<Record<string, Operation>> = {
  SetInstanceProtection(account, input) {
    const group = groupIn(account, input)
    const ids = texts(input, 'InstanceIds') ?? []
    if (ids.length > 50) throw validation('The number of instances in one call must be at most 50.')
    const chosen = ids.map((id) => memberIn(account, group, id))
    const leaving = chosen.find((one) => one.lifecycle !== 'InService')
    if (leaving !== undefined) throw validation(`The instance ${leaving.id} is not in InService or EnteringStandby or Standby.`)
    for (const one of chosen) one.protectedFromScaleIn = flag(input, 'ProtectedFromScaleIn') === true
    return {}
  },

  TerminateInstanceInAutoScalingGroup(account, input) {
    const one = account.instances.get(text(input, 'InstanceId') ?? '')
    const group = account.groups.get(one?.group ?? '')
    if (one === undefined || group === undefined) throw validation('Instance Id not found - No managed instance found')
    if (one.lifecycle.startsWith('Terminating'))
      throw new Fault('ScalingActivityInProgress', `Activities for ${one.id} are already in progress.`)
    if (flag(input, 'ShouldDecrementDesiredCapacity') === true) {
      if (group.desired <= group.min)
        throw validation(
          "Currently, desiredSize equals minSize. Terminating instance without replacement will violate group's min size constraint.",
        )
      group.desired--
    }
    terminate(
      account,
      group,
      one,
      `At ${new Date(account.world.now).toISOString()} instance ${one.id} was taken out of service in response to a user request.`,
    )
    converge(account, group)
    return { Activity: activityOutput(group, group.activities[0]!) }
  },

  SuspendProcesses(account, input) {
    const group = groupIn(account, input)
    for (const name of texts(input, 'ScalingProcesses') ?? []) group.suspended.add(name)
    return {}
  },

  ResumeProcesses(account, input) {
    const group = groupIn(account, input)
    for (const name of texts(input, 'ScalingProcesses') ?? []) group.suspended.delete(name)
    converge(account, group)
    return {}
  },

  AttachLoadBalancerTargetGroups(account, input) {
    const group = groupIn(account, input)
    if (activeRefresh(group) !== undefined)
      throw new Fault('InstanceRefreshInProgress', 'An instance refresh is in progress for the Auto Scaling group.')
    for (const arn of targetGroupsIn(account, input)) {
      if (group.targetGroups.has(arn)) continue
      group.targetGroups.add(arn)
      for (const id of group.members) account.targetGroups.get(arn)?.deregistered.delete(id)
    }
    return {}
  },

  DetachLoadBalancerTargetGroups(account, input) {
    const group = groupIn(account, input)
    for (const arn of targetGroupsIn(account, input)) {
      const target = account.targetGroups.get(arn)
      if (!group.targetGroups.delete(arn) || target === undefined) continue
      for (const one of membersOf(account, group)) if (one.lifecycle === 'InService') letGo(account, target, one)
    }
    return {}
  },
}

function targetGroupsIn(account: Account, input: Input): string[] {
  const arns = texts(input, 'TargetGroupARNs') ?? []
  if (arns.length > 10) throw validation('Trying to update too many Load Balancers/Target Groups at once. The limit is 10')
  for (const arn of arns)
    if (!account.targetGroups.has(arn))
      throw validation('One or more target groups not found. Validating load balancer configuration failed.')
  return arns
}

function memberIn(account: Account, group: GroupRecord, id: string): InstanceRecord {
  const one = account.instances.get(id)
  if (one === undefined || !group.members.has(id))
    throw new Fault('ValidationError', `The instance ${id} is not part of Auto Scaling group ${group.name}.`)
  return one
}
