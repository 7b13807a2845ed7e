import type { Account, ActivityRecord, GroupRecord } from '../account.ts'
import type { Output } from '../protocol/xml.ts'
import { membersOf } from './find.ts'

/** A group as DescribeAutoScalingGroups shows it. */
export function groupOutput(account: Account, group: GroupRecord): Output {
  return {
    AutoScalingGroupName: group.name,
    AutoScalingGroupARN: group.arn,
    LaunchTemplate: templateOutput(account, group.template),
    MinSize: group.min,
    MaxSize: group.max,
    DesiredCapacity: group.desired,
    DefaultCooldown: 300,
    AvailabilityZones: group.zones.map((zone) => `${account.region}${zone}`),
    LoadBalancerNames: [],
    TargetGroupARNs: [...group.targetGroups],
    HealthCheckType: group.healthCheckType,
    HealthCheckGracePeriod: group.gracePeriodS,
    Instances: membersOf(account, group).map((one) => ({
      InstanceId: one.id,
      InstanceType: one.type,
      AvailabilityZone: `${account.region}${one.zone}`,
      LifecycleState: one.lifecycle,
      HealthStatus: one.healthStatus,
      LaunchTemplate: templateOutput(account, one.template),
      ImageId: one.image,
      ProtectedFromScaleIn: one.protectedFromScaleIn,
    })),
    CreatedTime: new Date(group.createdAt),
    SuspendedProcesses: [...group.suspended].map((name) => ({ ProcessName: name, SuspensionReason: 'User suspended' })),
    EnabledMetrics: [...group.metrics].map((name) => ({ Metric: name, Granularity: '1Minute' })),
    WarmPoolConfiguration: group.warmPool as Output | undefined,
    WarmPoolSize: group.warmPool === undefined ? undefined : 0,
    Status: group.deleting ? 'Delete in progress' : undefined,
    Tags: [...group.tags].map(([key, { value, propagate }]) => ({
      ResourceId: group.name,
      ResourceType: 'auto-scaling-group',
      Key: key,
      Value: value,
      PropagateAtLaunch: propagate,
    })),
    TerminationPolicies: ['Default'],
    NewInstancesProtectedFromScaleIn: group.guardsNew,
    ServiceLinkedRoleARN: `arn:aws:iam::${account.id}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`,
  }
}

/** An activity as DescribeScalingActivities shows it. */
export function activityOutput(group: GroupRecord, one: ActivityRecord): Output {
  return {
    ActivityId: one.id,
    AutoScalingGroupName: group.name,
    AutoScalingGroupARN: group.arn,
    Description: one.description,
    Cause: one.cause,
    StartTime: new Date(one.startedAt),
    EndTime: one.endedAt === undefined ? undefined : new Date(one.endedAt),
    StatusCode: one.status,
    StatusMessage: one.message,
    Progress: one.endedAt === undefined ? 30 : 100,
    Details: '{}',
  }
}

function templateOutput(account: Account, { id, version }: { id: string; version: string }): Output {
  return { LaunchTemplateId: id, LaunchTemplateName: account.templates.get(id)?.name, Version: version }
}
