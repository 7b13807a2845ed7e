import type { AutoScalingGroup, CreateAutoScalingGroupType, LaunchTemplateOverrides } from '@aws-sdk/client-auto-scaling'
import type { Treatments } from './treatment.ts'

/** A group as it is made. */
export type NewGroup = Omit<
  CreateAutoScalingGroupType,
  'LifecycleHookSpecificationList' | 'SkipZonalShiftValidation' | 'InstanceId'
>

const OWN = { does: 'drop', why: 'it is a fact of the group itself, not a setting' } as const
const BY_IMAGO = { does: 'drop', why: 'what the plan says stands in its place' } as const
const AFTERWARDS = { does: 'drop', why: 'it has a call of its own, after the group is there' } as const

/** Every member of a described group, and what a clone gets of it. */
export const GROUP: Treatments<AutoScalingGroup, NewGroup> = {
  AutoScalingGroupName: BY_IMAGO,
  DesiredCapacity: BY_IMAGO,
  MinSize: BY_IMAGO,
  LaunchTemplate: BY_IMAGO,
  TargetGroupARNs: BY_IMAGO,
  NewInstancesProtectedFromScaleIn: { does: 'drop', why: 'what its owner wants is told apart from what a rollout holds' },

  AutoScalingGroupARN: OWN,
  CreatedTime: OWN,
  Instances: OWN,
  PredictedCapacity: OWN,
  Status: { does: 'refuse', why: 'the group is being deleted' },
  WarmPoolSize: OWN,

  EnabledMetrics: AFTERWARDS,
  SuspendedProcesses: AFTERWARDS,
  WarmPoolConfiguration: AFTERWARDS,

  MaxSize: { does: 'copy' },
  DefaultCooldown: { does: 'copy' },
  HealthCheckType: { does: 'copy' },
  HealthCheckGracePeriod: { does: 'copy' },
  PlacementGroup: { does: 'copy' },
  VPCZoneIdentifier: { does: 'copy' },
  TerminationPolicies: { does: 'copy' },
  CapacityRebalance: { does: 'copy' },
  ServiceLinkedRoleARN: { does: 'copy' },
  DesiredCapacityType: {
    does: 'copy',
    but: { refuse: (type: string) => type !== 'units', why: 'the size of the group does not count instances' },
  },
  DefaultInstanceWarmup: { does: 'copy' },
  AvailabilityZoneDistribution: { does: 'copy' },
  AvailabilityZoneImpairmentPolicy: { does: 'copy' },
  CapacityReservationSpecification: { does: 'copy' },
  InstanceLifecyclePolicy: { does: 'copy' },
  Context: { does: 'copy' },
  DeletionProtection: {
    does: 'copy',
    but: {
      refuse: (value: string) => value !== 'none',
      why: 'a group that is protected from deletion cannot be retired; take the protection away, or roll it in place',
    },
  },

  // The subnets say the zones; given beside them AWS wants the two to agree, and refuses ids beside names.
  AvailabilityZones: {
    does: 'rewrite',
    to: (group) => (group.VPCZoneIdentifier ? undefined : { AvailabilityZones: group.AvailabilityZones }),
  },
  AvailabilityZoneIds: { does: 'drop', why: 'they name the same zones once more' },
  // A described group repeats its target groups and load balancers here, and only one of both may be sent.
  TrafficSources: {
    does: 'drop',
    why: 'they name the same target groups once more',
    but: {
      refuse: (sources: readonly { Type?: string }[]) => sources.some((one) => one.Type !== 'elbv2'),
      why: 'only target groups are routed by imago; a clone would not serve what comes from these sources',
    },
  },
  LoadBalancerNames: { does: 'refuse', why: 'classic load balancers have no target groups to be weighted' },
  LaunchConfigurationName: { does: 'refuse', why: 'launch configurations have no versions; move the group to a launch template' },
  // Unset shows as 0 and -1, which a request must not say.
  MaxInstanceLifetime: {
    does: 'rewrite',
    to: ({ MaxInstanceLifetime: lifetime = 0 }) => (lifetime === 0 ? undefined : { MaxInstanceLifetime: lifetime }),
  },
  InstanceMaintenancePolicy: {
    does: 'rewrite',
    to: ({ InstanceMaintenancePolicy: policy }) =>
      policy === undefined || policy.MinHealthyPercentage === -1 ? undefined : { InstanceMaintenancePolicy: policy },
  },
  Tags: { does: 'rewrite', to: ({ Tags: tags = [] }) => ({ Tags: tags.flatMap(clonedTag) }) },
  MixedInstancesPolicy: {
    does: 'copy',
    but: {
      refuse: (policy: AutoScalingGroup['MixedInstancesPolicy']) =>
        (policy?.LaunchTemplate?.Overrides ?? []).some((one) => hasOwnImage(one) || isWeighted(one)),
      why: 'an override has an image or a launch template of its own, which the new image would not replace, or a weight, by which the size of the group does not count instances',
    },
  },
  Operator: { does: 'refuse', why: 'another service of AWS operates this group, and lets nobody else change it' },
}

function hasOwnImage({ ImageId: image, LaunchTemplateSpecification: template }: LaunchTemplateOverrides): boolean {
  return image !== undefined || template !== undefined
}

function isWeighted({ WeightedCapacity: weight = '1' }: LaunchTemplateOverrides): boolean {
  return weight !== '1'
}

/** Tags that AWS keeps for itself cannot be written, and those of imago are written anew. */
function clonedTag({ Key: key = '', Value: value, PropagateAtLaunch: propagate }: NonNullable<AutoScalingGroup['Tags']>[number]) {
  if (key.startsWith('aws:') || key.startsWith('imago:')) return []
  return [{ Key: key, ...(value === undefined ? {} : { Value: value }), PropagateAtLaunch: propagate ?? false }]
}
