import { arn, type Account } from '../account.ts'
import { validation } from '../fault.ts'
import { parts, text, texts, type Input } from '../protocol/query.ts'
import type { Output } from '../protocol/xml.ts'
import { groupIn } from './find.ts'

type Operation = (account: Account, input: Input) => Output

/** What belongs to a group and has calls of its own: kept as it was given, by kind and name. */
export const separate: Readonly<Record<string, Operation>> = {
  PutLifecycleHook: (account, input) => put(account, input, 'hook', 'LifecycleHookName'),
  PutScheduledUpdateGroupAction: (account, input) => putScheduled(account, input, input),
  PutNotificationConfiguration: (account, input) => put(account, input, 'notification', 'TopicARN'),

  PutScalingPolicy(account, input) {
    put(account, input, 'policy', 'PolicyName')
    return { PolicyARN: policyArn(account, input) }
  },

  BatchPutScheduledUpdateGroupAction(account, input) {
    const actions = parts(input, 'ScheduledUpdateGroupActions') ?? []
    if (actions.length > 50) throw validation('At most 50 scheduled actions can be put at once.')
    for (const one of actions) putScheduled(account, input, one)
    return { FailedScheduledUpdateGroupActions: [] }
  },

  EnableMetricsCollection(account, input) {
    const { metrics } = groupIn(account, input)
    for (const name of texts(input, 'Metrics') ?? []) metrics.add(name)
    return {}
  },

  PutWarmPool(account, input) {
    const { AutoScalingGroupName: _group, ...pool } = input
    groupIn(account, input).warmPool = pool
    return {}
  },

  DeleteWarmPool(account, input) {
    const group = groupIn(account, input)
    if (group.warmPool === undefined) throw validation('No warm pool found for the group')
    group.warmPool = { ...group.warmPool, Status: 'PendingDelete' }
    account.world.schedule(account.world.now + POOL_GOES_MS, () => void (group.warmPool = undefined))
    return {}
  },

  DescribeLifecycleHooks: (account, input) => ({
    LifecycleHooks: all(account, input, 'hook').map((one) => ({ ...one, GlobalTimeout: 172_800 })),
  }),
  DescribePolicies: (account, input) => ({
    ScalingPolicies: all(account, input, 'policy').map((one) => {
      const policy = policyArn(account, one as Input)
      const alarms = [...account.alarms.values()].filter((alarm) =>
        (alarm['AlarmActions'] as string[] | undefined)?.includes(policy),
      )
      const named = alarms.map((alarm) => ({ AlarmName: String(alarm['AlarmName']), AlarmARN: String(alarm['AlarmArn']) }))
      return { PolicyType: 'SimpleScaling', Enabled: true, ...one, PolicyARN: policy, Alarms: named }
    }),
  }),
  DescribeScheduledActions: (account, input) => ({
    ScheduledUpdateGroupActions: all(account, input, 'scheduled').map((one) => ({
      ...one,
      ScheduledActionARN: arn(
        account,
        'autoscaling',
        `scheduledUpdateGroupAction:1:${text(one as Input, 'ScheduledActionName')}`,
      ),
    })),
  }),
  DescribeNotificationConfigurations: (account, input) => ({
    NotificationConfigurations: (texts(input, 'AutoScalingGroupNames') ?? []).flatMap((name) =>
      all(account, { AutoScalingGroupName: name }, 'notification').flatMap(({ TopicARN: topic, NotificationTypes: types }) =>
        (types as unknown as string[]).map((type) => ({ AutoScalingGroupName: name, TopicARN: topic, NotificationType: type })),
      ),
    ),
  }),
}

const POOL_GOES_MS = 5_000

/** A start that has passed is refused. */
function putScheduled(account: Account, { AutoScalingGroupName: group }: Input, action: Input): Output {
  const start = text(action, 'StartTime')
  if (start !== undefined && Date.parse(start) <= account.world.now) throw validation('Start Time cannot be in the past')
  return put(account, { ...action, AutoScalingGroupName: group }, 'scheduled', 'ScheduledActionName')
}

function policyArn(account: Account, input: Input): string {
  const { name, arn: whole } = groupIn(account, input)
  const id = whole.split(':')[6] ?? ''
  return arn(account, 'autoscaling', `scalingPolicy:${id}:autoScalingGroupName/${name}:policyName/${text(input, 'PolicyName')}`)
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
