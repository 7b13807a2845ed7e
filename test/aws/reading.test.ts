import { blueGreen, clone, createImago, inPlace, isRolloutError, rolling, type Fleet, type Placement } from 'imago'
import { alb, aws, launchTemplateImage, newestAmi, ssmParameter } from 'imago/aws'
import { memoryStore } from 'imago/stores/memory'
import { worldSystem } from 'imago/testing'
import { expect, test } from 'vitest'
import { NEW, OLD, setUpFleet } from './fleet.ts'
import { createSite, testTheWire, type Site } from './site.ts'

test('a plan is made by reading alone, and says what the first look at a fleet costs', async () => {
  const site = await createSite()
  const { web, calls } = await planner(site)
  const plan = await web.plan({ image: NEW, strategy: blueGreen({ bake: '10m' }) })
  expect(plan.toString()).toContain(`to    ami:eu-west-1/${NEW}  as web-v001`)
  expect(plan.stable.release.image).toMatchObject({ scheme: 'ami', scope: 'eu-west-1', id: OLD })
  expect(Object.keys(calls()).filter((call) => !/\.(Describe|RunInstances)/.test(call))).toEqual([])
})

test.for([6, 60, 600, 2_400])('a look at %i instances costs the same calls, and one more for each full page', async (size) => {
  const site = await createSite()
  const { web, calls } = await planner(site, { size, min: 0, max: size })
  await web.describe()
  const first = calls()
  // Instances are read once, for nothing of them changes that the group does not say itself.
  expect(first['ec2.DescribeInstances']).toBe(Math.ceil(size / 1_000))
  await web.describe()
  expect(difference(calls(), first)).toEqual({
    // One by the fleet's mark and one by the name in its id, for provider and router together.
    'autoScaling.DescribeAutoScalingGroups': 2,
    'autoScaling.DescribeInstanceRefreshes': 1,
    // The group launches from `$Latest`, which may be another version by now.
    'ec2.DescribeLaunchTemplateVersions': 1,
    'elb.DescribeRules': 1,
    'elb.DescribeTags': 1,
    'elb.DescribeTargetHealth': 1,
  })
})

test.for([
  ['an SSM parameter', ssmParameter('/images/web')],
  ['the newest of a name', newestAmi({ owner: 'self', name: 'web ami-*b' })],
  ['a launch template', launchTemplateImage('web', '$Latest')],
] as const)('%s is resolved once, and both are in the plan', async ([, alias]) => {
  const site = await createSite()
  const { web } = await planner(site)
  site.account.parameters.set('/images/web', NEW)
  await site.owner.ec2.createLaunchTemplateVersion({
    LaunchTemplateName: 'web',
    SourceVersion: '1',
    LaunchTemplateData: { ImageId: NEW },
  })
  await site.owner.autoScaling.updateAutoScalingGroup({
    AutoScalingGroupName: 'web',
    LaunchTemplate: { LaunchTemplateName: 'web', Version: '1' },
  })
  const plan = await web.plan({ image: alias, strategy: blueGreen() })
  expect([plan.image.id, plan.alias]).toEqual([NEW, alias])
})

test.for([
  [
    'of another architecture',
    (site: Site) => site.publish(NEW, { kind: 'good' }, { architecture: 'arm64' }),
    /is for arm64, t3.micro runs x86_64/,
  ],
  [
    'that is not available',
    (site: Site) => site.publish(NEW, { kind: 'good' }, { state: 'pending' }),
    /is pending, not available/,
  ],
  ['that is disabled', (site: Site) => site.publish(NEW, { kind: 'good' }, { state: 'disabled' }), /is disabled, not available/],
] as const)('an image %s is refused with the reason', async ([, spoil, reason]) => {
  const site = await createSite()
  const { web } = await planner(site)
  spoil(site)
  await expect(web.plan({ image: NEW, strategy: blueGreen() })).rejects.toThrow(reason)
})

test('what may not be launched is refused with what AWS says, before anything is touched', async () => {
  const site = await createSite()
  const { web } = await planner(site)
  site.account.denied.add('ec2.RunInstances')
  await expect(web.plan({ image: NEW, strategy: blueGreen() })).rejects.toThrow(/not authorized to perform.*RunInstances/)
})

test('a group that is not there says so', async () => {
  const site = await createSite()
  await expect(fleetOf(site, 'nobody').describe()).rejects.toThrow(/no Auto Scaling group nobody in eu-west-1/)
})

test('an instance refresh that somebody else runs is named with the choices', async () => {
  const site = await createSite()
  const { web } = await planner(site)
  await site.owner.autoScaling.startInstanceRefresh({ AutoScalingGroupName: 'web' })
  const refused = await web.plan({ image: NEW, strategy: blueGreen() }).catch((error: unknown) => error)
  if (!isRolloutError(refused, 'adoption-refused')) throw refused
  expect(refused.facts.found).toMatch(/instance refresh .* of web, Pending, 0 % done, towards ami:/)
})

test('a group that launches something else than it runs is not cloned, and is rolled in place', async () => {
  const site = await createSite()
  const { web } = await planner(site)
  const moved = { LaunchTemplateName: 'web', LaunchTemplateData: { ImageId: NEW, InstanceType: 't3.micro' as const } }
  await site.owner.ec2.createLaunchTemplateVersion(moved)
  await expect(web.plan({ image: NEW, strategy: blueGreen() })).rejects.toThrow(
    /found web, which runs ami:eu-west-1\/ami-0000000000000000a \(lt-.*:1\) and launches ami:eu-west-1\/ami-0000000000000000b/,
  )
  const [listener] = site.account.listeners.keys()
  await fleetOf(site, 'web', listener, inPlace('web')).plan({ image: NEW, strategy: rolling() })
})

async function planner(site: Site, wanted?: Parameters<typeof setUpFleet>[1]) {
  const { listener } = await setUpFleet(site, wanted)
  site.account.calls.clear()
  return { web: fleetOf(site, 'web', listener), calls: () => Object.fromEntries(site.account.calls) }
}

function fleetOf(site: Site, group: string, listener?: string, groups: Placement = clone({ adopt: group })): Fleet {
  const cloud = aws(site.access)
  const imago = createImago({
    store: memoryStore({ now: () => site.world.now, id: 'store' }),
    providers: { aws: cloud },
    system: worldSystem(site.world, 'planner', { user: 'ada' }),
  })
  const traffic = listener === undefined ? {} : { traffic: alb(cloud, { listeners: [listener] }) }
  return imago.fleet('web', { provider: 'aws', groups, ...traffic })
}

function difference(after: Record<string, number>, before: Record<string, number>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(after).flatMap(([call, count]) => (count === before[call] ? [] : [[call, count - (before[call] ?? 0)]])),
  )
}

testTheWire()
