import { arn, type Account, type GroupRecord } from '../account.ts'
import { versionNumber } from '../autoscaling/converge.ts'
import { part, parts, text, texts, type Input } from '../protocol/query.ts'
import type { Question } from './evaluate.ts'

type Context = Question['context']
type Ask = (account: Account, input: Input) => { readonly on: readonly Resource[]; readonly also?: readonly Question[] }
interface Resource {
  readonly arn: string
  readonly context?: Context
}

/** The services as IAM calls them. */
const NAMES: Readonly<Record<string, string>> = {
  autoScaling: 'autoscaling',
  elb: 'elasticloadbalancing',
  cloudWatch: 'cloudwatch',
}

/** What AWS asks IAM before it carries a call out: the action itself on each resource that it knows, and what it brings about beside. */
export function questionsOf(account: Account, service: string, operation: string, input: Input): Question[] {
  const action = `${NAMES[service] ?? service}:${operation}`
  const { on, also = [] } = ASKS[action]?.(account, input) ?? { on: [{ arn: '*' }] }
  return [...on.map(({ arn: resource, context = {} }) => ({ action, resource, context })), ...also]
}

const onGroup: Ask = (account, input) => ({
  on: [group(account, text(input, 'AutoScalingGroupName') ?? '')],
  also: launching(account, input),
})
const onTargetGroup: Ask = (account, input) => ({ on: [balancing(account, text(input, 'TargetGroupArn') ?? '')] })
const onGroupTags: Ask = (account, input) => ({
  on: (parts(input, 'Tags') ?? []).map((tag) => {
    const { arn: found, context } = group(account, text(tag, 'ResourceId') ?? '')
    return { arn: found, context: { ...context, 'aws:TagKeys': [text(tag, 'Key') ?? ''] } }
  }),
})
const onTagged: Ask = (account, input) => ({
  on: (texts(input, 'ResourceArns') ?? []).map((one) => {
    const keys = texts(input, 'TagKeys') ?? (parts(input, 'Tags') ?? []).map((tag) => text(tag, 'Key') ?? '')
    const found = balancing(account, one)
    return { arn: found.arn, context: { ...found.context, 'aws:TagKeys': keys } }
  }),
})
const onAlarms: Ask = (account, input) => {
  const names = texts(input, 'AlarmNames') ?? [text(input, 'AlarmName') ?? '']
  return {
    on: names.map((name) => {
      const tags = (account.alarms.get(name)?.['tags'] ?? []) as readonly { Key: string; Value: string }[]
      const own = new Map(tags.map((tag) => [tag.Key, tag.Value]))
      return {
        arn: arn(account, 'cloudwatch', `alarm:${name}`),
        context: { ...resourceTags(own), ...requestTags(parts(input, 'Tags')) },
      }
    }),
  }
}

/** Actions that know resources. */
const ASKS: Readonly<Record<string, Ask>> = {
  'autoscaling:CreateAutoScalingGroup': (account, input) => {
    const name = text(input, 'AutoScalingGroupName') ?? ''
    return {
      on: [
        {
          arn: arn(account, 'autoscaling', `autoScalingGroup:*:autoScalingGroupName/${name}`),
          context: requestTags(parts(input, 'Tags')),
        },
      ],
      also: [
        ...launching(account, input),
        ...(parts(input, 'LifecycleHookSpecificationList') ?? []).flatMap((hook) =>
          passing(text(hook, 'RoleARN'), 'autoscaling.amazonaws.com'),
        ),
      ],
    }
  },
  'autoscaling:TerminateInstanceInAutoScalingGroup': (account, input) => ({
    on: [group(account, account.instances.get(text(input, 'InstanceId') ?? '')?.group ?? '')],
  }),
  'autoscaling:CreateOrUpdateTags': onGroupTags,
  'autoscaling:DeleteTags': onGroupTags,
  ...Object.fromEntries(
    [
      'AttachLoadBalancerTargetGroups',
      'BatchPutScheduledUpdateGroupAction',
      'CancelInstanceRefresh',
      'DeleteAutoScalingGroup',
      'DeleteWarmPool',
      'DetachLoadBalancerTargetGroups',
      'EnableMetricsCollection',
      'PutNotificationConfiguration',
      'PutScalingPolicy',
      'PutWarmPool',
      'ResumeProcesses',
      'SetInstanceProtection',
      'StartInstanceRefresh',
      'SuspendProcesses',
      'UpdateAutoScalingGroup',
    ].map((name) => [`autoscaling:${name}`, onGroup]),
  ),

  'ec2:RunInstances': (account, input) => ({
    on: [{ arn: arn(account, 'ec2', 'instance/*') }],
    also: dependent(account, part(input, 'LaunchTemplate') ?? {}),
  }),
  'ec2:CreateLaunchTemplate': (account, input) => {
    const tags = (parts(input, 'TagSpecification') ?? []).flatMap((one) => parts(one, 'Tag') ?? [])
    const made = arn(account, 'ec2', 'launch-template/*')
    const context = { 'ec2:CreateAction': 'CreateLaunchTemplate' }
    return {
      on: [{ arn: made, context: requestTags(tags) }],
      also: tags.length === 0 ? [] : [{ action: 'ec2:CreateTags', resource: made, context }],
    }
  },
  'ec2:DeleteLaunchTemplate': (account, input) => {
    const id = text(input, 'LaunchTemplateId') ?? ''
    return { on: [{ arn: arn(account, 'ec2', `launch-template/${id}`), context: resourceTags(account.templates.get(id)?.tags) }] }
  },

  'elasticloadbalancing:CreateTargetGroup': (account, input) => {
    const made = arn(account, 'elasticloadbalancing', `targetgroup/${text(input, 'Name')}/*`)
    const tags = parts(input, 'Tags') ?? []
    const context = { 'aws:TagKeys': tags.map((tag) => text(tag, 'Key') ?? '') }
    return {
      on: [{ arn: made, context: requestTags(tags) }],
      also: tags.length === 0 ? [] : [{ action: 'elasticloadbalancing:AddTags', resource: made, context }],
    }
  },
  'elasticloadbalancing:AddTags': onTagged,
  'elasticloadbalancing:RemoveTags': onTagged,
  'elasticloadbalancing:ModifyListener': (_account, input) => ({ on: [{ arn: text(input, 'ListenerArn') ?? '' }] }),
  'elasticloadbalancing:ModifyRule': (_account, input) => ({ on: [{ arn: text(input, 'RuleArn') ?? '' }] }),
  'elasticloadbalancing:ModifyTargetGroupAttributes': onTargetGroup,
  'elasticloadbalancing:DeregisterTargets': onTargetGroup,
  'elasticloadbalancing:DeleteTargetGroup': onTargetGroup,

  'cloudwatch:PutMetricAlarm': (account, input) => {
    const { on } = onAlarms(account, input)
    const tagged = (parts(input, 'Tags') ?? []).length > 0
    return {
      on,
      also: tagged ? on.map((one) => ({ action: 'cloudwatch:TagResource', resource: one.arn, context: one.context ?? {} })) : [],
    }
  },
  'cloudwatch:DeleteAlarms': onAlarms,
  'ssm:GetParameter': (account, input) => ({
    on: [{ arn: arn(account, 'ssm', `parameter/${(text(input, 'Name') ?? '').replace(/^\//, '')}`) }],
  }),
}

/** Whoever says what a group launches must be allowed to launch it himself. */
function launching(account: Account, input: Input): Question[] {
  const mixed = part(part(part(input, 'MixedInstancesPolicy') ?? {}, 'LaunchTemplate') ?? {}, 'LaunchTemplateSpecification')
  const template = part(input, 'LaunchTemplate') ?? mixed
  if (template === undefined) return []
  return [
    { action: 'ec2:RunInstances', resource: arn(account, 'ec2', 'instance/*'), context: {} },
    ...dependent(account, template),
  ]
}

/** What a launch by a template needs beside the launch: the tags it gives, and the role that it hands out. */
function dependent(account: Account, template: Input): Question[] {
  const id = text(template, 'LaunchTemplateId') ?? ''
  const number = versionNumber(account, { id, version: text(template, 'Version') ?? '$Default' })
  const data = account.templates.get(id)?.versions[number - 1] ?? {}
  const context = { 'ec2:CreateAction': 'RunInstances' }
  const tags = (parts(data, 'TagSpecification') ?? []).map((one) => ({
    action: 'ec2:CreateTags',
    resource: arn(account, 'ec2', `${text(one, 'ResourceType')}/*`),
    context,
  }))
  const profile = text(part(data, 'IamInstanceProfile') ?? {}, 'Name')
  const role = profile === undefined ? undefined : `arn:aws:iam::${account.id}:role/${profile}`
  return [...tags, ...passing(role, 'ec2.amazonaws.com')]
}

function passing(role: string | undefined, to: string): Question[] {
  return role === undefined ? [] : [{ action: 'iam:PassRole', resource: role, context: { 'iam:PassedToService': to } }]
}

function group(account: Account, name: string): Resource {
  const found: GroupRecord | undefined = account.groups.get(name)
  if (found === undefined) return { arn: arn(account, 'autoscaling', `autoScalingGroup:*:autoScalingGroupName/${name}`) }
  return { arn: found.arn, context: resourceTags(new Map([...found.tags].map(([key, { value }]) => [key, value]))) }
}

function balancing(account: Account, one: string): Resource {
  return { arn: one, context: resourceTags(account.targetGroups.get(one)?.tags ?? account.listeners.get(one)) }
}

function resourceTags(tags: ReadonlyMap<string, string> = new Map()): Context {
  return Object.fromEntries([...tags].map(([key, value]) => [`aws:ResourceTag/${key}`, value]))
}

function requestTags(tags: readonly Input[] = []): Context {
  return Object.fromEntries(tags.map((tag) => [`aws:RequestTag/${text(tag, 'Key')}`, text(tag, 'Value') ?? '']))
}
