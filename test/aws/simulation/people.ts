import type { PlayedCloud } from 'imago/testing'
import { editing } from '../../kit/playground/people.ts'
import type { Account } from '../wire/account.ts'
import { autoScaling } from '../wire/autoscaling/operations.ts'
import { elb } from '../wire/elb/operations.ts'
import { Fault } from '../wire/fault.ts'
import type { Input } from '../wire/protocol/query.ts'

/** People with the account's console open; what AWS refuses them they let be. */
export function createPeople(account: Account, count: (fault: number) => void): PlayedCloud['people'] {
  const { world } = account
  const edit = editing(world, count, (error) => error instanceof Fault)
  return {
    resize: (group, size) =>
      edit(
        `${group} shall have ${size}`,
        15,
        () => void autoScaling['SetDesiredCapacity']?.(account, { AutoScalingGroupName: group, DesiredCapacity: String(size) }),
      ),
    setWeights: (_fleet, weights) =>
      edit(`weights of the listener: ${JSON.stringify(weights)}`, 15, () => {
        const [rule] = [...account.rules.values()].filter((one) => one.isDefault)
        if (rule !== undefined)
          elb['ModifyListener']?.(account, { ListenerArn: rule.listener, DefaultActions: [forward(account, weights)] })
      }),
    join: (group) =>
      edit(`joins ${group}`, 15, () => {
        const [first = ''] = account.targetGroups.keys()
        autoScaling['AttachLoadBalancerTargetGroups']?.(account, { AutoScalingGroupName: group, TargetGroupARNs: [first] })
      }),
    deleteGroup: (group) =>
      edit(
        `deletes ${group}`,
        16,
        () => void autoScaling['DeleteAutoScalingGroup']?.(account, { AutoScalingGroupName: group, ForceDelete: 'true' }),
      ),
  }
}

/** A forward of a listener, with weights by the names of target groups. */
function forward(account: Account, weights: Readonly<Record<string, number>>): Input {
  const named = [...account.targetGroups.values()].filter((one) => one.name in weights)
  const groups = named.map((one) => ({ TargetGroupArn: one.arn, Weight: String(weights[one.name] ?? 0) }))
  return { Type: 'forward', ForwardConfig: { TargetGroups: groups } }
}
