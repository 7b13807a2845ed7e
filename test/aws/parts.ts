import type { Site } from './site.ts'

const GROUP = { AutoScalingGroupName: 'web' }
const DAY_MS = 86_400_000

/** Gives a group everything that has calls of its own. */
export async function giveParts({ owner: { autoScaling, cloudWatch }, account, world }: Site): Promise<void> {
  const targetGroup = [...account.targetGroups.keys()][0]!
  const suffix = targetGroup.slice(targetGroup.indexOf('targetgroup/'))
  const { PolicyARN: policy } = await autoScaling.putScalingPolicy({
    ...GROUP,
    PolicyName: 'up',
    PolicyType: 'StepScaling',
    AdjustmentType: 'ChangeInCapacity',
    StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }],
  })
  await cloudWatch.putMetricAlarm({
    AlarmName: 'web-busy',
    AlarmActions: [policy!, 'arn:aws:sns:eu-west-1:123456789012:ops', foreignPolicy],
    ComparisonOperator: 'GreaterThanThreshold',
    EvaluationPeriods: 3,
    DatapointsToAlarm: 2,
    TreatMissingData: 'notBreaching',
    Threshold: 80,
    Namespace: 'AWS/EC2',
    MetricName: 'CPUUtilization',
    Period: 60,
    Statistic: 'Average',
    Dimensions: [{ Name: 'AutoScalingGroupName', Value: 'web' }],
    Tags: [{ Key: 'team', Value: 'web' }],
  })
  await autoScaling.putScalingPolicy({
    ...GROUP,
    PolicyName: 'by-requests',
    PolicyType: 'TargetTrackingScaling',
    TargetTrackingConfiguration: {
      TargetValue: 1_000,
      PredefinedMetricSpecification: {
        PredefinedMetricType: 'ALBRequestCountPerTarget',
        ResourceLabel: `app/web/50dc6c495c0c9188/${suffix}`,
      },
    },
  })
  await autoScaling.putScalingPolicy({
    ...GROUP,
    PolicyName: 'by-search',
    PolicyType: 'TargetTrackingScaling',
    Enabled: false,
    TargetTrackingConfiguration: {
      TargetValue: 50,
      CustomizedMetricSpecification: {
        Metrics: [
          { Id: 'all', Expression: `SUM(SEARCH('{AWS/EC2,AutoScalingGroupName} AutoScalingGroupName="web"', 'Average'))` },
          {
            Id: 'jobs',
            MetricStat: {
              Metric: { Namespace: 'Jobs', MetricName: 'Waiting', Dimensions: [{ Name: 'TargetGroup', Value: suffix }] },
              Stat: 'Sum',
            },
          },
        ],
      },
    },
  })
  const start = new Date(world.now + 1_000)
  await autoScaling.putScheduledUpdateGroupAction({
    ...GROUP,
    ScheduledActionName: 'morning',
    Recurrence: '0 8 * * *',
    TimeZone: 'Europe/Berlin',
    StartTime: start,
    MaxSize: 12,
  })
  const later = { ...GROUP, ScheduledActionName: 'sale', StartTime: new Date(world.now + DAY_MS), MaxSize: 20 }
  await autoScaling.putScheduledUpdateGroupAction(later)
  world.runUntil(world.now + 2_000)
  await autoScaling.putNotificationConfiguration({
    ...GROUP,
    TopicARN: 'arn:aws:sns:eu-west-1:123456789012:ops',
    NotificationTypes: ['autoscaling:EC2_INSTANCE_LAUNCH', 'autoscaling:EC2_INSTANCE_TERMINATE'],
  })
  await autoScaling.enableMetricsCollection({ ...GROUP, Granularity: '1Minute', Metrics: ['GroupMinSize', 'GroupMaxSize'] })
  await autoScaling.suspendProcesses({ ...GROUP, ScalingProcesses: ['ReplaceUnhealthy'] })
  await autoScaling.putWarmPool({ ...GROUP, MinSize: 1, PoolState: 'Stopped', InstanceReusePolicy: { ReuseOnScaleIn: false } })
}

/** A policy of somebody else's group, which one of the alarms sets off too. */
export const foreignPolicy = 'arn:aws:autoscaling:eu-west-1:123456789012:scalingPolicy:1:autoScalingGroupName/jobs:policyName/up'

/** What belongs to a group, as AWS describes it, without what is told by names of the group itself. */
export async function partsOf({ owner: { autoScaling, cloudWatch } }: Site, group: string) {
  const of = { AutoScalingGroupName: group }
  const [{ ScalingPolicies }, { ScheduledUpdateGroupActions }, { NotificationConfigurations }, { AutoScalingGroups }] =
    await Promise.all([
      autoScaling.describePolicies(of),
      autoScaling.describeScheduledActions(of),
      autoScaling.describeNotificationConfigurations({ AutoScalingGroupNames: [group] }),
      autoScaling.describeAutoScalingGroups({ AutoScalingGroupNames: [group] }),
    ])
  const { MetricAlarms: alarms = [] } = await cloudWatch.describeAlarms({})
  const last = alarms.at(-1)
  const { Tags: tags } = last === undefined ? { Tags: [] } : await cloudWatch.listTagsForResource({ ResourceARN: last.AlarmArn! })
  return {
    policies: ScalingPolicies ?? [],
    schedules: ScheduledUpdateGroupActions ?? [],
    notifications: NotificationConfigurations ?? [],
    group: AutoScalingGroups?.[0],
    alarms,
    tags,
  }
}
