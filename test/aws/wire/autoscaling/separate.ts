import type { Account } from '../account.ts'
import { parts, text, texts, type Input } from '../protocol/query.ts'
import type { Output } from '../protocol/xml.ts'
import { groupIn } from './find.ts'

type Operation = (account: Account, input: Input) => Output

/** What belongs to a group and has calls of its own: kept as it was given, by kind and name. */
export const separate: Readonly<Record<string, Operation>> = {
  PutLifecycleHook: (account, input) => put(account, input, 'hook', 'LifecycleHookName'),
  PutScalingPolicy: (account, input) => put(account, input, 'policy', 'PolicyName'),
  PutScheduledUpdateGroupAction: (account, input) => put(account, input, 'scheduled', 'ScheduledActionName'),
  PutNotificationConfiguration: (account, input) => put(account, input, 'notification', 'TopicARN'),

  DescribeLifecycleHooks: (account, input) => ({
    LifecycleHooks: all(account, input, 'hook').map((one) => ({ ...one, GlobalTimeout: 172_800 })),
  }),
  DescribePolicies: (account, input) => ({
    ScalingPolicies: all(account, input, 'policy').map(({ PolicyName: name, PolicyType: type }) => ({
      PolicyName: name,
      PolicyType: type,
    })),
  }),
  DescribeScheduledActions: (account, input) => ({ ScheduledUpdateGroupActions: all(account, input, 'scheduled') }),
  DescribeNotificationConfigurations: (account, input) => ({
    NotificationConfigurations: (texts(input, 'AutoScalingGroupNames') ?? []).flatMap((name) =>
      all(account, { AutoScalingGroupName: name }, 'notification').flatMap(({ TopicARN: topic, NotificationTypes: types }) =>
        (types as unknown as string[]).map((type) => ({ AutoScalingGroupName: name, TopicARN: topic, NotificationType: type })),
      ),
    ),
  }),
}

/** Hooks that a group is made with. */
export function putHooks(account: Account, input: Input): void {
  const group = text(input, 'AutoScalingGroupName')
  for (const hook of parts(input, 'LifecycleHookSpecificationList') ?? [])
    put(account, { ...hook, AutoScalingGroupName: group }, 'hook', 'LifecycleHookName')
}

function put(account: Account, input: Input, kind: string, key: string): Output {
  groupIn(account, input).separate.set(`${kind} ${text(input, key)}`, input)
  return {}
}

function all(account: Account, input: Input, kind: string): Output[] {
  const { separate: kept } = groupIn(account, input)
  return [...kept].flatMap(([name, one]) => (name.startsWith(`${kind} `) ? [one as Output] : []))
}
