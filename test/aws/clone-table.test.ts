import { expect, test } from 'vitest'
import { GROUP } from '../../providers/aws/clone/group-table.ts'
import { HOOK } from '../../providers/aws/clone/hooks.ts'
import { ALARM } from '../../providers/aws/clone/parts/alarms.ts'
import { POLICY } from '../../providers/aws/clone/parts/policies.ts'
import { SCHEDULED } from '../../providers/aws/clone/parts/schedules.ts'
import { WARM_POOL } from '../../providers/aws/clone/parts/warm-pool.ts'
import { LAUNCH } from '../../providers/aws/launch/launch-table.ts'
import { TARGET_GROUP } from '../../providers/aws/clone/target-group-table.ts'
import { treat } from '../../providers/aws/clone/treatment.ts'
import { membersOf, unchecked } from './model.ts'

const tables = [
  { table: GROUP, service: 'Auto Scaling', described: 'AutoScalingGroup', made: 'CreateAutoScalingGroupType' },
  { table: TARGET_GROUP, service: 'Elastic Load Balancing v2', described: 'TargetGroup', made: 'CreateTargetGroupInput' },
  { table: LAUNCH, service: 'EC2', described: 'ResponseLaunchTemplateData', made: 'RequestLaunchTemplateData' },
  { table: HOOK, service: 'Auto Scaling', described: 'LifecycleHook', made: 'LifecycleHookSpecification' },
  { table: POLICY, service: 'Auto Scaling', described: 'ScalingPolicy', made: 'PutScalingPolicyType' },
  {
    table: SCHEDULED,
    service: 'Auto Scaling',
    described: 'ScheduledUpdateGroupAction',
    made: 'ScheduledUpdateGroupActionRequest',
  },
  { table: WARM_POOL, service: 'Auto Scaling', described: 'WarmPoolConfiguration', made: 'PutWarmPoolType' },
  { table: ALARM, service: 'CloudWatch', described: 'MetricAlarm', made: 'PutMetricAlarmInput' },
] as const

test.for(tables)(
  'every member of $described is copied, rewritten, dropped or refused',
  ({ table, service, described }, context) => {
    if (unchecked !== undefined) return context.skip(unchecked)
    expect(membersOf(service, described).filter((member) => !(member in table))).toEqual([])
  },
)

test.for(tables)('what is copied of $described can be given to what is made', ({ table, service, described, made }, context) => {
  if (unchecked !== undefined) return context.skip(unchecked)
  const copied = Object.entries(table).flatMap(([member, { does }]) => (does === 'copy' ? [member] : []))
  // What the SDK has learned since the description was taken cannot be judged by it.
  const [known, given] = [membersOf(service, described), membersOf(service, made)]
  expect(copied.filter((member) => known.includes(member) && !given.includes(member))).toEqual([])
  expect(described).not.toBe(made)
})

test('a setting without a row is refused, and is not lost', () => {
  const { settings, refusals } = treat({ Tomorrow: 'something', MaxSize: 4 } as never, GROUP)
  expect(settings).toEqual({ MaxSize: 4 })
  expect(refusals).toEqual([{ member: 'Tomorrow', why: expect.stringContaining('does not know') }])
})

test('what AWS answers for what was never set is nothing', () => {
  const never = { LoadBalancerNames: [], PlacementGroup: '', Status: undefined, MaxInstanceLifetime: 0 }
  expect(treat(never as never, GROUP)).toEqual({ settings: {}, refusals: [] })
})

test.for([
  ['DeletionProtection', 'prevent-all-deletion', 'none'],
  ['TrafficSources', [{ Type: 'vpc-lattice' }], [{ Type: 'elbv2' }]],
  ['LaunchConfigurationName', 'old', undefined],
  ['LoadBalancerNames', ['classic'], []],
  ['Status', 'Delete in progress', undefined],
  ['Operator', { Managed: true }, undefined],
  [
    'MixedInstancesPolicy',
    { LaunchTemplate: { Overrides: [{ InstanceType: 'm5.large', ImageId: 'ami-1' }] } },
    { LaunchTemplate: { Overrides: [{ InstanceType: 'm5.large' }] } },
  ],
] as const)('%s that cannot be cloned is refused with a reason', ([member, bad, good]) => {
  expect(treat({ [member]: bad } as never, GROUP).refusals).toEqual([{ member, why: expect.stringMatching(/.{20}/) }])
  expect(treat({ [member]: good } as never, GROUP).refusals).toEqual([])
})

test('tags of the owner are copied with what they propagate, those of AWS and of imago are not', () => {
  const tag = (Key: string) => ({
    Key,
    Value: 'x',
    PropagateAtLaunch: true,
    ResourceId: 'web',
    ResourceType: 'auto-scaling-group',
  })
  const { settings } = treat({ Tags: ['team', 'aws:cloudformation:stack-name', 'imago:fleet'].map(tag) } as never, GROUP)
  expect(settings).toEqual({ Tags: [{ Key: 'team', Value: 'x', PropagateAtLaunch: true }] })
})

test('zones are said by the subnets where there are any, and never by ids beside names', () => {
  const zones = { AvailabilityZones: ['eu-west-1a'], AvailabilityZoneIds: ['euw1-az1'] }
  expect(treat(zones as never, GROUP).settings).toEqual({ AvailabilityZones: ['eu-west-1a'] })
  expect(treat({ ...zones, VPCZoneIdentifier: 'subnet-1' } as never, GROUP).settings).toEqual({ VPCZoneIdentifier: 'subnet-1' })
})
