import { AutoScaling } from '@aws-sdk/client-auto-scaling'
import { EC2 } from '@aws-sdk/client-ec2'
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { blueGreen, canary, inPlace, rolling, type CallRecord, type Placement } from 'imago'
import { alb, aws } from 'imago/aws'
import { createLife } from 'imago/testing'
import { expect, onTestFinished, test } from 'vitest'
import { share } from '../kit/share.ts'
import { NEW, setUpFleet } from './fleet.ts'
import { CLONED, leftovers, newStore, startProcess, staying } from './rolling.ts'
import { createSite, REGION, testTheWire, type Site } from './site.ts'
import { isRead, rememberAccount } from './wire/reads.ts'

/** The longest lag that the adapter reckons with. */
const SETTLE_MS = 10_000

/** Every read but those of the account's owner lags by this. */
async function laggingSite(lagOf: (service: string) => number) {
  const site = await createSite()
  const { listener } = await setUpFleet(site)
  rememberAccount(site.account, SETTLE_MS)
  const { account, world } = site
  let stale = 0
  account.fateOf = (service, action) => {
    const lagsMs = lagOf(service)
    if (isRead(action) && account.asOf(world.now - lagsMs) !== account) stale++
    return { lagsMs }
  }
  return { site, listener, stale: () => stale }
}

/** What somebody sees who is shown copies. */
function reader({ endpoint }: Site) {
  const options = { region: REGION, endpoint, credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'a secret of nobody' } }
  const [autoScaling, ec2, elb] = [new AutoScaling(options), new EC2(options), new ElasticLoadBalancingV2(options)]
  onTestFinished(() => [autoScaling, ec2, elb].forEach((one) => one.destroy()))
  return {
    group: async (name: string) =>
      (await autoScaling.describeAutoScalingGroups({ AutoScalingGroupNames: [name] })).AutoScalingGroups?.[0],
    versions: async (id: string) =>
      (await ec2.describeLaunchTemplateVersions({ LaunchTemplateId: id })).LaunchTemplateVersions?.length,
    targetGroups: async (name: string) => (await elb.describeTargetGroups({ Names: [name] })).TargetGroups?.length,
    tags: async (arn: string) => (await elb.describeTags({ ResourceArns: [arn] })).TagDescriptions?.[0]?.Tags?.length,
    targets: async (arn: string) =>
      (await elb.describeTargetHealth({ TargetGroupArn: arn })).TargetHealthDescriptions?.map((one) => one.TargetHealth?.State),
    resize: async (name: string, size: number) =>
      await autoScaling.updateAutoScalingGroup({ AutoScalingGroupName: name, DesiredCapacity: size }),
  }
}

test('what is made, changed or deleted shows once the lag is over, and not before', async () => {
  const { site } = await laggingSite(() => 5_000)
  const { account, owner, world } = site
  const seen = reader(site)
  const [target = ''] = account.targetGroups.keys()
  const { LaunchTemplate } = await owner.ec2.createLaunchTemplate({
    LaunchTemplateName: 'web-c',
    LaunchTemplateData: { ImageId: NEW },
  })
  const { LaunchTemplateId = '' } = LaunchTemplate!
  await owner.autoScaling.createAutoScalingGroup({
    AutoScalingGroupName: 'web-c',
    MinSize: 0,
    MaxSize: 3,
    DesiredCapacity: 0,
    LaunchTemplate: { LaunchTemplateId, Version: '1' },
  })
  await owner.elb.createTargetGroup({ Name: 'web-c', Protocol: 'HTTP', Port: 80, VpcId: 'vpc-1' })
  await owner.elb.addTags({ ResourceArns: [target], Tags: [{ Key: 'team', Value: 'a' }] })
  const [first = ''] = account.instances.keys()
  world.because({ kind: 'fault', name: '' }, () => world.machines.end(first, 'it crashed'))
  world.runUntil(world.now + 4_999)
  expect(await seen.group('web-c')).toBeUndefined()
  await expect(seen.versions(LaunchTemplateId)).rejects.toThrow('does not exist')
  await expect(seen.targetGroups('web-c')).rejects.toThrow('target groups not found')
  expect(await seen.tags(target)).toBe(0)
  expect(await seen.targets(target)).toEqual(['healthy', 'healthy', 'healthy'])
  world.runUntil(world.now + 1)
  expect(await seen.group('web-c')).toMatchObject({ DesiredCapacity: 0 })
  expect(await seen.versions(LaunchTemplateId)).toBe(1)
  expect(await seen.targetGroups('web-c')).toBe(1)
  expect(await seen.tags(target)).toBe(1)
  expect(await seen.targets(target)).toEqual(['healthy', 'healthy'])

  await owner.autoScaling.deleteAutoScalingGroup({ AutoScalingGroupName: 'web-c' })
  expect(await seen.group('web-c')).toMatchObject({ AutoScalingGroupName: 'web-c' })
  world.runUntil(world.now + 5_000)
  expect(await seen.group('web-c')).toBeUndefined()
})

test('a change finds what is there, and those who change nothing are told what was', async () => {
  const { site } = await laggingSite(() => SETTLE_MS)
  const seen = reader(site)
  const mark = {
    ResourceId: 'web',
    ResourceType: 'auto-scaling-group',
    PropagateAtLaunch: false,
    Key: 'imago:fleet',
    Value: 'web',
  }
  await site.owner.autoScaling.createOrUpdateTags({ Tags: [mark] })
  await site.owner.autoScaling.updateAutoScalingGroup({ AutoScalingGroupName: 'web', MaxSize: 4 })
  await expect(seen.resize('web', 5)).rejects.toThrow('above max value 4')
  await seen.resize('web', 4)
  expect(await seen.group('web')).toMatchObject({ MaxSize: 10, DesiredCapacity: 3 })
  expect((await site.owner.autoScaling.describeAutoScalingGroups({})).AutoScalingGroups).toMatchObject([{ DesiredCapacity: 4 }])
})

test('who has joined a route shows once what the router declares has passed', async () => {
  const { site, listener } = await laggingSite(() => SETTLE_MS)
  const { world, account } = site
  const cloud = aws(site.access)
  const router = alb(cloud, { listeners: [listener] })
  const context = { signal: new AbortController().signal, token: 'a' }
  const target = { name: 'web', placement: CLONED, handles: [] }
  const groupsNow = async () => (await router.look(target, context)).routing.routes.map((one) => one.groups)
  account.groups.get('web')!.tags.set('imago:fleet', { value: (await cloud.describe(target, context)).fleet, propagate: false })
  world.runUntil(world.now + SETTLE_MS)
  const { facts } = await router.look(target, context)
  await router.leave(target, 'web', 'web', 'all', context)
  expect(await groupsNow()).toEqual([['web']])
  world.runUntil(world.now + facts.settleMs)
  expect(await groupsNow()).toEqual([[]])
})

test('whoever has ended since somebody looked is no reason to refuse who shall be removed', async () => {
  const { site } = await laggingSite(() => SETTLE_MS)
  const { world, account } = site
  const cloud = aws(site.access)
  const context = { signal: new AbortController().signal, token: 'a' }
  const target = { name: 'web', placement: CLONED, handles: [] }
  const look = await cloud.describe(target, context)
  account.groups.get('web')!.tags.set('imago:fleet', { value: look.fleet, propagate: false })
  const [crashed = '', victim = '', other = ''] = account.instances.keys()
  world.because({ kind: 'fault', name: '' }, () => world.machines.end(crashed, 'it crashed'))
  await cloud.remove(target, 'web', [victim], { [look.groups[0]!.release]: 2 }, context)
  world.runUntil(world.now + 400_000)
  const left = staying(site).map((one) => one.id)
  expect(left).toContain(other)
  expect(left).toHaveLength(2)
  expect(left).not.toContain(victim)
})

/** All of AWS as far behind as can be, now behind and now not, or one service behind the others. */
const LAGS: Readonly<Record<string, () => (service: string) => number>> = {
  'every read ten seconds behind': () => () => SETTLE_MS,
  'every read now and then behind': () => {
    let reads = 0
    return () => ((reads++ * 7) % 11) * 1_000
  },
  ...Object.fromEntries(
    ['autoScaling', 'ec2', 'elb'].map((behind) => [
      `${behind} ten seconds behind`,
      () => (service: string) => (service === behind ? SETTLE_MS : 0),
    ]),
  ),
}
const JOBS = {
  'blue/green': { strategy: blueGreen({ bake: '30s' }), groups: CLONED, made: 1 },
  'a canary': { strategy: canary({ weights: [10, 50], bake: '1m' }), groups: CLONED, made: 1 },
  'rolling in place': { strategy: rolling({ maxSurge: 1 }), groups: inPlace('web'), made: 0 },
} as const
const ALL = Object.entries(JOBS).flatMap(([what, job]) =>
  Object.entries(LAGS).map(([how, lagOf]) => [`${what}, ${how}`, { ...job, lagOf }] as const),
)

const begin = (site: Site, listener: string, groups: Placement) =>
  startProcess(site, {
    listener,
    groups,
    store: newStore(site),
    life: createLife(site.world, { dies: () => false }, () => undefined),
  })

test.for(share(ALL, 6))(
  '%s: promoted, and nothing is made twice or left',
  { timeout: 60_000 },
  async ([, { strategy, groups, made, lagOf }]) => {
    const { site, listener, stale } = await laggingSite(lagOf())
    const { account } = site
    const { imago, web } = begin(site, listener, groups)
    const plan = await site.drive(web.plan({ image: NEW, strategy }))
    const rollout = await web.start(plan)
    const { outcome } = await site.drive(rollout.run())
    expect(outcome).toBe('promoted')
    expect(stale()).toBeGreaterThan(5)
    expect(staying(site).map((one) => one.image)).toEqual([NEW, NEW, NEW])
    expect(leftovers(site)).toEqual([])
    expect(account.calls.get('autoScaling.CreateAutoScalingGroup') ?? 0).toBe(made + 1)
    expect(account.calls.get('elb.CreateTargetGroup') ?? 0).toBe(made + 1)
    await imago.close()
  },
)

test('whoever looks before a new launch template shows is told to look again', { timeout: 60_000 }, async () => {
  const { site, listener } = await laggingSite((service) => (service === 'ec2' ? SETTLE_MS : 0))
  const { account, world } = site
  const { imago, web } = begin(site, listener, CLONED)
  const plan = await site.drive(web.plan({ image: NEW, strategy: blueGreen({ bake: '30s' }) }))
  const rollout = await web.start(plan)
  const failed: CallRecord[] = []
  const listen = (record: unknown) => {
    const call = record as CallRecord
    if (call.name === 'describe' && call.outcome !== 'ok') failed.push(call)
  }
  subscribe('imago:call', listen)
  onTestFinished(() => void unsubscribe('imago:call', listen))
  for (let turn = 0; turn < 500 && rollout.state.phase !== 'done'; turn++) {
    await site.drive(rollout.tick())
    world.runUntil(world.now + 1_000)
  }
  expect(rollout.state.phase).toBe('done')
  expect(staying(site).map((one) => one.image)).toEqual([NEW, NEW, NEW])
  expect(leftovers(site)).toEqual([])
  expect(failed.length).toBeGreaterThan(0)
  expect(new Set(failed.map((one) => one.outcome))).toEqual(new Set(['transient']))
  expect(account.calls.get('autoScaling.CreateAutoScalingGroup')).toBe(2)
  await imago.close()
})

testTheWire()
