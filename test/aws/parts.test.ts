import { blueGreen, clone, createImago, inPlace, rolling } from 'imago'
import { alb, aws } from 'imago/aws'
import { expect, test } from 'vitest'
import { NEW, setUpFleet } from './fleet.ts'
import { foreignPolicy, giveParts, partsOf } from './parts.ts'
import { CLONED, leftovers, newStore, roll, startProcess } from './rolling.ts'
import { createSite, testTheWire, type Site } from './site.ts'

test('a clone has what belongs to its original and has calls of its own, under its own names', async () => {
  const site = await createSite()
  const { rollout } = await roll(site, { strategy: blueGreen({ bake: '30s' }), groups: CLONED, before: giveParts })
  expect(rollout.state.outcome).toBe('promoted')
  const { policies, alarms, tags, schedules, notifications, group } = await partsOf(site, 'web-v001')
  const targetGroup = [...site.account.targetGroups.keys()][0]!
  const suffix = targetGroup.slice(targetGroup.indexOf('targetgroup/'))
  const [up, byRequests, bySearch] = policies
  expect(up).toMatchObject({ PolicyName: 'up', PolicyType: 'StepScaling', Alarms: [{ AlarmName: 'web-v001-busy' }] })
  expect(byRequests?.TargetTrackingConfiguration?.PredefinedMetricSpecification?.ResourceLabel).toBe(
    `app/web/50dc6c495c0c9188/${suffix}`,
  )
  expect(bySearch).toMatchObject({ PolicyName: 'by-search', Enabled: false })
  const [search, jobs] = bySearch!.TargetTrackingConfiguration!.CustomizedMetricSpecification!.Metrics!
  expect(search?.Expression).toContain('AutoScalingGroupName="web-v001"')
  expect(jobs?.MetricStat?.Metric?.Dimensions).toEqual([{ Name: 'TargetGroup', Value: suffix }])
  expect(suffix).toContain('targetgroup/web-v001/')

  // The alarm of the group that is gone went with it; another group's policy is set off by it no more than before.
  expect(alarms.map((one) => one.AlarmName)).toEqual(['web-busy', 'web-v001-busy'])
  const [old, own] = alarms
  expect(old?.AlarmActions).toEqual(['arn:aws:sns:eu-west-1:123456789012:ops', foreignPolicy])
  expect(own).toMatchObject({ DatapointsToAlarm: 2, TreatMissingData: 'notBreaching', Threshold: 80 })
  expect(own?.Dimensions).toEqual([{ Name: 'AutoScalingGroupName', Value: 'web-v001' }])
  expect(own?.AlarmActions).toEqual([up?.PolicyARN, 'arn:aws:sns:eu-west-1:123456789012:ops'])
  expect(tags).toEqual([
    { Key: 'team', Value: 'web' },
    { Key: 'imago:fleet', Value: expect.stringMatching(/^aws:123456789012/) },
  ])

  expect(schedules).toMatchObject([
    { ScheduledActionName: 'morning', Recurrence: '0 8 * * *', TimeZone: 'Europe/Berlin', MaxSize: 12 },
    { ScheduledActionName: 'sale', MaxSize: 20 },
  ])
  expect(schedules[0]?.StartTime).toBeUndefined()
  expect(notifications.map((one) => one.NotificationType)).toEqual([
    'autoscaling:EC2_INSTANCE_LAUNCH',
    'autoscaling:EC2_INSTANCE_TERMINATE',
  ])
  expect(group).toMatchObject({
    EnabledMetrics: [{ Metric: 'GroupMinSize' }, { Metric: 'GroupMaxSize' }],
    SuspendedProcesses: [{ ProcessName: 'ReplaceUnhealthy' }],
    WarmPoolConfiguration: { MinSize: 1, PoolState: 'Stopped', InstanceReusePolicy: { ReuseOnScaleIn: false } },
  })
  expect(leftovers(site)).toEqual(['web-v001 has ReplaceUnhealthy suspended'])
})

test('going back leaves the original with what it had, and nothing of the clone', async () => {
  const site = await createSite()
  const behaviour = { kind: 'never-healthy' } as const
  const { rollout } = await roll(site, { strategy: blueGreen({ bake: '30s' }), groups: CLONED, behaviour, before: giveParts })
  expect(rollout.state.outcome).toBe('rolled-back')
  expect([...site.account.alarms.keys()]).toEqual(['web-busy'])
  expect((await partsOf(site, 'web')).policies).toHaveLength(3)
})

test('an alarm of somebody else that has the name is not overwritten', async () => {
  const site = await createSite()
  const { rollout } = await roll(site, {
    strategy: blueGreen({ bake: '30s' }),
    groups: CLONED,
    before: async (where) => {
      await giveParts(where)
      const mine = {
        AlarmName: 'web-v001-busy',
        ComparisonOperator: 'LessThanThreshold',
        EvaluationPeriods: 1,
        Threshold: 7,
      } as const
      await where.owner.cloudWatch.putMetricAlarm({
        ...mine,
        Namespace: 'Mine',
        MetricName: 'mine',
        Period: 60,
        Statistic: 'Sum',
      })
    },
  })
  expect(rollout.state.outcome).toBe('rolled-back')
  expect(site.account.alarms.get('web-v001-busy')).toMatchObject({ Threshold: 7, Namespace: 'Mine' })
})

test.for(['Launch', 'Terminate', 'AddToLoadBalancer'])('a group whose %s is suspended is not cloned', async (process) => {
  const site = await createSite()
  const { listener } = await setUpFleet(site)
  await site.owner.autoScaling.suspendProcesses({ AutoScalingGroupName: 'web', ScalingProcesses: [process] })
  const { web } = startProcess(site, { listener, groups: CLONED, store: newStore(site) })
  await expect(web.plan({ image: NEW, strategy: rolling() })).rejects.toThrow(
    new RegExp(`web cannot be cloned: its process ${process} is suspended: .*; resume it`),
  )
})

test('a warm pool would bring back the old image in place', async () => {
  const site = await createSite()
  const { listener } = await setUpFleet(site)
  await site.owner.autoScaling.putWarmPool({ AutoScalingGroupName: 'web', MinSize: 1 })
  const { web } = startProcess(site, { listener, groups: inPlace('web'), store: newStore(site) })
  await expect(web.plan({ image: NEW, strategy: rolling() })).rejects.toThrow(/warm pool would go on to bring.*clone the group/)
})

test('a group with so many tags that a rollout could not mark it is refused', async () => {
  const site = await createSite()
  const { listener } = await setUpFleet(site)
  const tag = (n: number) => ({
    Key: `t${n}`,
    Value: '',
    ResourceId: 'web',
    ResourceType: 'auto-scaling-group',
    PropagateAtLaunch: false,
  })
  for (const from of [0, 22])
    await site.owner.autoScaling.createOrUpdateTags({ Tags: Array.from({ length: 22 }, (_, n) => tag(from + n)) })
  const { web } = startProcess(site, { listener, groups: CLONED, store: newStore(site) })
  await expect(web.plan({ image: NEW, strategy: rolling() })).rejects.toThrow(/it has 44 tags, and needs 7 more of the 50/)
})

test('a group that receives traffic by what no router knows is not cloned, and is rolled in place', async () => {
  const site = await createSite()
  const { listener } = await setUpFleet(site)
  const { TargetGroups: made } = await site.owner.elb.createTargetGroup({
    Name: 'admin',
    Protocol: 'HTTP',
    Port: 9090,
    VpcId: 'vpc-1',
  })
  const other = { AutoScalingGroupName: 'web', TargetGroupARNs: [made![0]!.TargetGroupArn!] }
  await site.owner.autoScaling.attachLoadBalancerTargetGroups(other)
  const { web } = startProcess(site, { listener, groups: CLONED, store: newStore(site) })
  await expect(web.plan({ image: NEW, strategy: rolling() })).rejects.toThrow(
    /found web, which receives traffic by admin, which its router does not know/,
  )
  await startProcess(site, { listener, groups: inPlace('web'), store: newStore(site) }).web.plan({
    image: NEW,
    strategy: rolling(),
  })
  await expect(unrouted(site).plan({ image: NEW, strategy: rolling() })).rejects.toThrow(
    /receives traffic by web and admin, and the fleet declares no router/,
  )
})

test('a group with two routes of its router has one too many', async () => {
  const site = await createSite()
  const { listener } = await setUpFleet(site)
  const { elb, autoScaling } = site.owner
  const { TargetGroups: made } = await elb.createTargetGroup({ Name: 'grpc', Protocol: 'HTTP', Port: 9090, VpcId: 'vpc-1' })
  const grpc = made![0]!.TargetGroupArn!
  await autoScaling.attachLoadBalancerTargetGroups({ AutoScalingGroupName: 'web', TargetGroupARNs: [grpc] })
  const { Listeners: listeners } = await elb.createListener({
    LoadBalancerArn: listener.replace(':listener/', ':loadbalancer/').replace(/\/[^/]+$/, ''),
    Protocol: 'HTTP',
    Port: 9090,
    DefaultActions: [{ Type: 'forward', TargetGroupArn: grpc }],
  })
  const cloud = aws(site.access)
  const imago = createImago({ store: newStore(site), providers: { aws: cloud } })
  const traffic = alb(cloud, { listeners: [listener, listeners![0]!.ListenerArn!] })
  const web = imago.fleet('web', { provider: 'aws', groups: clone({ adopt: 'web' }), traffic })
  await expect(web.plan({ image: NEW, strategy: rolling() })).rejects.toThrow(
    /web, which receives traffic by web and grpc: a generation has one route/,
  )
})

/** A fleet whose router nobody declared. */
function unrouted(site: Site) {
  const imago = createImago({ store: newStore(site), providers: { aws: aws(site.access) } })
  return imago.fleet('web', { provider: 'aws', groups: CLONED, health: { none: true } })
}

testTheWire()
