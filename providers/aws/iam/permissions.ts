import { MARKS } from '../marks.ts'

/** What a statement says of requests and resources, in IAM's own words. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>

/** Where a policy is for. */
export interface Scope {
  readonly account: string
  readonly region: string
  /** Names of the roles that instances and lifecycle hooks are given; `*` stands for any signs. */
  readonly roles: readonly string[]
  readonly bucket: string
  /** With a slash at its end. */
  readonly prefix: string
}

/** A part of imago that needs rights of its own: groups and their images, clones of them, instance refreshes, load balancers, image parameters, the store. */
export type Feature = 'groups' | 'clone' | 'refresh' | 'alb' | 'nlb' | 'ssm' | 's3'

/** Actions that are needed together, on the same resources and under the same conditions. */
export interface Permission {
  readonly actions: readonly string[]
  /** @default - all: these actions know no resources */
  readonly on?: (scope: Scope) => readonly string[]
  readonly when?: Conditions
}

/** What a part of imago needs: to look and plan, and what it changes beyond that. */
export interface Needs {
  readonly plan: readonly Permission[]
  readonly roll: readonly Permission[]
}

/** AWS is three clouds that know nothing of one another; a region's name says which one it is in. */
function partitionOf(region: string): string {
  return region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}

/** Resources of a service in the region and account of a scope. */
function inRegion(service: string, resource: string) {
  return ({ region, account }: Scope) => [`arn:${partitionOf(region)}:${service}:${region}:${account}:${resource}`]
}

const groups = inRegion('autoscaling', 'autoScalingGroup:*')
const templates = inRegion('ec2', 'launch-template/*')
const alarms = inRegion('cloudwatch', 'alarm:*')
const listeners = inRegion('elasticloadbalancing', 'listener/*')
const rules = inRegion('elasticloadbalancing', 'listener-rule/*')
const targetGroups = inRegion('elasticloadbalancing', 'targetgroup/*')

/** What bears a mark of imago: nothing else is changed, and nothing else is ever deleted. */
const marked: Conditions = { StringLike: { [`aws:ResourceTag/${MARKS.fleet}`]: '*' } }
/** What is made bears the mark from its first moment. */
const marking: Conditions = { StringLike: { [`aws:RequestTag/${MARKS.fleet}`]: '*' } }
/** No tags but imago's own are written or taken away. */
const ownTags: Conditions = { 'ForAllValues:StringLike': { 'aws:TagKeys': 'imago:*' } }

function only(key: string, values: readonly string[]): Conditions {
  return { StringEquals: { [key]: values } }
}

const READS_TARGETS = [
  'elasticloadbalancing:DescribeTags',
  'elasticloadbalancing:DescribeTargetGroups',
  'elasticloadbalancing:DescribeTargetHealth',
]
/** Groups are attached and detached as a whole, instances taken out one by one; the target group is marked before it is left by its group. */
const TAKES_OUT: readonly Permission[] = [
  {
    actions: ['autoscaling:AttachLoadBalancerTargetGroups', 'autoscaling:DetachLoadBalancerTargetGroups'],
    on: groups,
    when: marked,
  },
  {
    actions: ['elasticloadbalancing:AddTags'],
    on: (scope) => [...listeners(scope), ...targetGroups(scope)],
    when: ownTags,
  },
  { actions: ['elasticloadbalancing:DeregisterTargets'], on: targetGroups },
]

/**
 * What each part needs, as IAM knows it: actions, the resources that they can be limited to, and conditions. AWS checks some actions
 * that imago never calls: whoever makes a group must be allowed to launch its instances, to tag them, and to hand them their role.
 *
 * Source: AWS's service authorization reference.
 */
export const PERMISSIONS: Readonly<Record<Feature, Needs>> = {
  groups: {
    plan: [
      {
        actions: [
          'autoscaling:DescribeAutoScalingGroups',
          'autoscaling:DescribeInstanceRefreshes',
          'autoscaling:DescribeScalingActivities',
          'ec2:DescribeImages',
          'ec2:DescribeInstanceTypes',
          'ec2:DescribeInstances',
          'ec2:DescribeLaunchTemplateVersions',
          // A launch is tried dry, and the same right lets Auto Scaling launch on behalf of whoever rolls.
          'ec2:RunInstances',
        ],
      },
      {
        actions: ['ec2:CreateTags'],
        on: inRegion('ec2', '*/*'),
        when: only('ec2:CreateAction', ['RunInstances', 'CreateLaunchTemplate']),
      },
      {
        actions: ['iam:PassRole'],
        on: ({ region, account, roles }) => roles.map((role) => `arn:${partitionOf(region)}:iam::${account}:role/${role}`),
        when: only('iam:PassedToService', ['ec2.amazonaws.com', 'autoscaling.amazonaws.com']),
      },
    ],
    roll: [
      { actions: ['autoscaling:CreateOrUpdateTags', 'autoscaling:DeleteTags'], on: groups, when: ownTags },
      {
        actions: [
          'autoscaling:ResumeProcesses',
          'autoscaling:SetInstanceProtection',
          'autoscaling:SuspendProcesses',
          'autoscaling:TerminateInstanceInAutoScalingGroup',
          'autoscaling:UpdateAutoScalingGroup',
        ],
        on: groups,
        when: marked,
      },
      { actions: ['ec2:CreateLaunchTemplate'], on: templates, when: marking },
      { actions: ['ec2:DeleteLaunchTemplate'], on: templates, when: marked },
      { actions: ['ec2:DescribeLaunchTemplates'] },
    ],
  },
  clone: {
    plan: [
      {
        actions: [
          'autoscaling:DescribeLifecycleHooks',
          'autoscaling:DescribeNotificationConfigurations',
          'autoscaling:DescribePolicies',
          'autoscaling:DescribeScheduledActions',
          'cloudwatch:DescribeAlarms',
          'cloudwatch:ListTagsForResource',
        ],
      },
    ],
    roll: [
      { actions: ['autoscaling:CreateAutoScalingGroup'], on: groups, when: marking },
      {
        actions: [
          'autoscaling:BatchPutScheduledUpdateGroupAction',
          'autoscaling:DeleteAutoScalingGroup',
          'autoscaling:DeleteWarmPool',
          'autoscaling:EnableMetricsCollection',
          'autoscaling:PutNotificationConfiguration',
          'autoscaling:PutScalingPolicy',
          'autoscaling:PutWarmPool',
        ],
        on: groups,
        when: marked,
      },
      { actions: ['cloudwatch:PutMetricAlarm', 'cloudwatch:TagResource'], on: alarms, when: marking },
      { actions: ['cloudwatch:DeleteAlarms'], on: alarms, when: marked },
    ],
  },
  refresh: {
    plan: [],
    roll: [{ actions: ['autoscaling:CancelInstanceRefresh', 'autoscaling:StartInstanceRefresh'], on: groups, when: marked }],
  },
  alb: {
    plan: [{ actions: ['elasticloadbalancing:DescribeRules', ...READS_TARGETS] }],
    roll: [
      ...TAKES_OUT,
      { actions: ['elasticloadbalancing:DescribeTargetGroupAttributes'] },
      { actions: ['elasticloadbalancing:CreateTargetGroup'], on: targetGroups, when: marking },
      { actions: ['elasticloadbalancing:RemoveTags'], on: listeners, when: ownTags },
      { actions: ['elasticloadbalancing:ModifyListener'], on: listeners },
      { actions: ['elasticloadbalancing:ModifyRule'], on: rules },
      {
        actions: ['elasticloadbalancing:DeleteTargetGroup', 'elasticloadbalancing:ModifyTargetGroupAttributes'],
        on: targetGroups,
        when: marked,
      },
    ],
  },
  nlb: {
    plan: [{ actions: ['elasticloadbalancing:DescribeListeners', ...READS_TARGETS] }],
    roll: TAKES_OUT,
  },
  ssm: {
    plan: [
      // Parameters that AWS publishes images by belong to no account.
      {
        actions: ['ssm:GetParameter'],
        on: (scope) => [
          ...inRegion('ssm', 'parameter/*')(scope),
          ...inRegion('ssm', 'parameter/aws/service/*')({ ...scope, account: '' }),
        ],
      },
    ],
    roll: [],
  },
  s3: {
    plan: [],
    roll: [
      {
        actions: ['s3:GetObject', 's3:PutObject'],
        on: ({ region, bucket, prefix }) => [`arn:${partitionOf(region)}:s3:::${bucket}/${prefix}*`],
      },
      // Without it S3 calls what is not there forbidden.
      { actions: ['s3:ListBucket'], on: ({ region, bucket }) => [`arn:${partitionOf(region)}:s3:::${bucket}`] },
    ],
  },
}
