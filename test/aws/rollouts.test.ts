import { blueGreen, canary, inPlace, rolling, slots } from 'imago'
import { expect, test } from 'vitest'
import { share } from '../kit/share.ts'
import { addSlot, NEW, OLD } from './fleet.ts'
import { CLONED, leftovers, newStore, roll, startProcess } from './rolling.ts'
import { createSite, testTheWire } from './site.ts'

const strategies = {
  'blue/green': [blueGreen({ bake: '2m' }), CLONED],
  canary: [canary({ weights: [5, 50], bake: '2m' }), CLONED],
  'rolling clone': [rolling({ maxSurge: 2 }), CLONED],
  'rolling in place': [rolling({ maxSurge: 2 }), inPlace('web')],
} as const

const NAMES = Object.keys(strategies) as (keyof typeof strategies)[]

test.for(share(NAMES, 4))('%s replaces a group behind a load balancer', async (name) => {
  const site = await createSite()
  const [strategy, groups] = strategies[name]
  const { rollout, images } = await roll(site, { strategy, groups })
  expect(rollout.state.outcome).toBe('promoted')
  expect(images()).toEqual([NEW, NEW, NEW])
  expect(leftovers(site)).toEqual([])
})

test.for(share(NAMES, 4))('%s of an image that never answers is rolled back', async (name) => {
  const site = await createSite()
  const [strategy, groups] = strategies[name]
  const { rollout, images } = await roll(site, { strategy, groups, behaviour: { kind: 'never-healthy' } })
  expect(rollout.state.outcome).toBe('rolled-back')
  expect(images()).toEqual([OLD, OLD, OLD])
  expect(leftovers(site)).toEqual([])
})

test.for([
  ['a clone', CLONED],
  ['in place', inPlace('web')],
] as const)('behind a network load balancer traffic is shared by count, %s', async ([, groups]) => {
  const site = await createSite()
  const strategy = canary({ weights: [34, 67], bake: '30s' })
  const { rollout, images } = await roll(site, { strategy, groups, balancer: 'net' })
  expect(rollout.state.outcome).toBe('promoted')
  expect(images()).toEqual([NEW, NEW, NEW])
  expect(leftovers(site)).toEqual([])
})

test('weights of a network load balancer are refused when it is planned', async () => {
  const site = await createSite()
  const refused = roll(site, { strategy: blueGreen(), groups: CLONED, balancer: 'net' })
  await expect(refused).rejects.toThrow(/a listener of a Network Load Balancer sends to its target group, without weights/)
})

test('an instance that somebody took out of its target group is replaced like the others', async () => {
  const site = await createSite()
  const { rollout, images } = await roll(site, {
    strategy: rolling({ maxSurge: 1 }),
    groups: inPlace('web'),
    before: async ({ owner: { elb }, account }) => {
      const [TargetGroupArn, Id] = [[...account.targetGroups.keys()][0]!, [...account.instances.keys()][0]!]
      await elb.deregisterTargets({ TargetGroupArn, Targets: [{ Id }] })
    },
  })
  expect(rollout.state.outcome).toBe('promoted')
  expect(images()).toEqual([NEW, NEW, NEW])
})

test.for([4, 7])('a zone that is fuller than those of whoever is to go keeps nobody there, at size %i', async (size) => {
  const site = await createSite()
  site.account.onlyFullest = true
  const { rollout, images } = await roll(site, { strategy: rolling({ maxSurge: 1 }), groups: inPlace('web'), size })
  expect(rollout.state.outcome).toBe('promoted')
  expect(images()).toEqual(Array.from({ length: size }, () => NEW))
  expect(leftovers(site)).toEqual([])
})

test('a clone has the hooks, tags and settings of the group that it was made like', async () => {
  const site = await createSite()
  const hook = { LifecycleHookName: 'warm-up', LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING', HeartbeatTimeout: 120 }
  const { rollout } = await roll(site, {
    strategy: blueGreen({ bake: '30s' }),
    groups: CLONED,
    before: async ({ owner: { autoScaling } }) => {
      await autoScaling.putLifecycleHook({ AutoScalingGroupName: 'web', ...hook })
      const tag = { Key: 'team', Value: 'web', ResourceId: 'web', ResourceType: 'auto-scaling-group', PropagateAtLaunch: true }
      await autoScaling.createOrUpdateTags({ Tags: [tag] })
    },
  })
  expect(rollout.state.outcome).toBe('promoted')
  const { autoScaling } = site.owner
  const { LifecycleHooks: hooks } = await autoScaling.describeLifecycleHooks({ AutoScalingGroupName: 'web-v001' })
  expect(hooks).toMatchObject([hook])
  const { AutoScalingGroups: groups } = await autoScaling.describeAutoScalingGroups({})
  expect(groups).toMatchObject([
    { AutoScalingGroupName: 'web-v001', HealthCheckType: 'ELB', HealthCheckGracePeriod: 60, MaxSize: 10 },
  ])
  expect(groups?.[0]?.Tags?.find((one) => one.Key === 'team')).toMatchObject({ Value: 'web', PropagateAtLaunch: true })
  expect([...site.account.instances.values()].map((one) => one.tags['team'])).toEqual(['web', 'web', 'web'])
})

test('a fleet whose first group is gone is found by its mark, also by who has no journal of it', async () => {
  const site = await createSite()
  await roll(site, { strategy: blueGreen({ bake: '30s' }), groups: CLONED })
  const [listener = ''] = site.account.listeners.keys()
  const { web } = startProcess(site, { listener, groups: CLONED, store: newStore(site), name: 'stranger' })
  expect((await web.describe()).groups.map((one) => one.id)).toEqual(['web-v001'])
  const found = await web.plan({ image: OLD, strategy: blueGreen() })
  expect([found.stable.group, found.candidate.group]).toEqual(['web-v001', 'web-v002'])
})

testTheWire()

test.for([
  ['a clone', CLONED, 'web-v001'],
  ['a slot', slots('web', 'web-b'), 'web-b'],
] as const)('%s that begins with one instance ends with the minimum that its original has', async ([, groups, name]) => {
  const site = await createSite()
  const strategy = canary({ weights: [34, 67], bake: '30s' })
  const before = groups.kind === 'slots' ? addSlot : async () => undefined
  const { rollout } = await roll(site, { strategy, groups, min: 3, before })
  expect(rollout.state.outcome).toBe('promoted')
  expect(site.account.groups.get(name)).toMatchObject({ min: 3, desired: 3 })
})

test('a setting that is set to nothing is no difference: a cloud may give it back or leave it out', async () => {
  const site = await createSite()
  const { rollout } = await roll(site, {
    strategy: blueGreen({ bake: '30s' }),
    groups: CLONED,
    before: async ({ owner: { ec2 } }) => {
      const data = { ImageId: OLD, InstanceType: 't3.micro' as const, UserData: '', KeyName: '' }
      await ec2.createLaunchTemplateVersion({ LaunchTemplateName: 'web', LaunchTemplateData: data })
    },
  })
  expect(rollout.state.outcome).toBe('promoted')
})
