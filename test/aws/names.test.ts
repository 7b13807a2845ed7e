import { blueGreen, clone, inPlace, isRolloutError, rolling, type Placement, type RolloutSpec } from 'imago'
import { expect, test } from 'vitest'
import { bindingOf, bindingTags, targetGroupName } from '../../providers/aws/bindings.ts'
import { LAUNCH_TEMPLATE, shortened } from '../../providers/aws/names.ts'
import { NEW, OLD, setUpFleet, type FleetSettings } from './fleet.ts'
import { drive, newStore, startProcess, staying } from './rolling.ts'
import { createSite, testTheWire, type Site } from './site.ts'

const LONG = 'production-web-frontend-of-the-shop'

test.for(['web', 'web-v001', LONG, `${LONG}-v001`, 'web/front_end', '-', 'a'.repeat(32), 'a'.repeat(33), 'Web.v1'])(
  'the route %j has a target group that can be called so, and is told by it',
  (binding) => {
    const name = targetGroupName(binding)
    expect(name).toMatch(/^[a-zA-Z\d](?:[a-zA-Z\d-]{0,30}[a-zA-Z\d])?$/)
    expect(bindingOf(name, bindingTags(binding))).toBe(binding)
    expect(targetGroupName(`${binding}x`)).not.toBe(name)
  },
)

test('a target group is told by its own name where a tag speaks of another', () => {
  expect(bindingOf('web', bindingTags(LONG))).toBe('web')
})

test('a group whose name is longer than a target group may have is rolled, again and again', async () => {
  const site = await createSite()
  const { listener } = await setUpFleet(site, { name: LONG })
  const store = newStore(site)
  for (const [count, image] of [NEW, OLD].entries()) {
    const { web } = startProcess(site, { listener, groups: clone({ adopt: LONG }), store, name: `driver-${count}` })
    const rollout = await web.start(await web.plan({ image, strategy: blueGreen({ bake: '30s' }) }))
    await drive(site, rollout)
    expect(rollout.state.outcome).toBe('promoted')
    expect(staying(site).map((one) => one.image)).toEqual([image, image, image])
    expect([...site.account.groups.keys()]).toEqual([`${LONG}-v00${count + 1}`])
    expect([...site.account.targetGroups.values()].map((one) => one.name)).toEqual([targetGroupName(`${LONG}-v00${count + 1}`)])
  }
})

const BLUE_GREEN = blueGreen({ bake: '30s' })
const ROUTE = /^a route is noted in the key of a tag .* at most 114 letters, digits, spaces and _\.:\/=\+-@/
const GROUP = /^an Auto Scaling group is called by 1 to 255 signs of ASCII/

test.for<{ readonly name: string; readonly refused: readonly (readonly [found: string, allowed: RegExp])[] }>([
  { name: 'a'.repeat(109), refused: [] },
  { name: 'a'.repeat(110), refused: [[`the new route "${'a'.repeat(110)}-v001", 115 signs`, ROUTE]] },
  { name: 'web!', refused: [['the new route "web!-v001", 9 signs', ROUTE]] },
  { name: 'web@shop=1', refused: [] },
  {
    name: 'a'.repeat(251),
    refused: [
      [`the new group "${'a'.repeat(251)}-v001", 256 signs`, GROUP],
      [`the new route "${'a'.repeat(251)}-v001", 256 signs`, ROUTE],
    ],
  },
])('a clone of $name that would be called as nothing can be called is refused when it is planned', async ({ name, refused }) => {
  const { plan } = await fleetOf(clone({ adopt: name }), { name })
  const problems = await problemsOf(plan({ image: NEW, strategy: BLUE_GREEN }))
  expect(problems).toEqual(
    refused.map(([found, allowed]) => ({ path: 'groups', found, allowed: expect.stringMatching(allowed) })),
  )
})

test('whatever else is wrong is said beside it', async () => {
  const name = 'a'.repeat(251)
  const { plan } = await fleetOf(clone({ adopt: name }), { name })
  const problems = await problemsOf(plan({ image: 'ami-0123456789abcdef0', strategy: BLUE_GREEN }))
  expect(problems.map((one) => one.path)).toEqual(['image', 'groups', 'groups'])
})

test.for<{ readonly of: string; readonly settings: FleetSettings; readonly groups: Placement }>([
  { of: 'long', settings: { name: 'a'.repeat(250) }, groups: inPlace('a'.repeat(250)) },
  { of: 'odd', settings: { name: 'web!"&%' }, groups: inPlace('web!"&%') },
  { of: 'odd', settings: { name: 'web!"&%', balancer: 'net' }, groups: clone({ adopt: 'web!"&%' }) },
])(
  'a group with $of name is rolled where nothing is called after it that cannot be, $groups.kind',
  async ({ settings, groups }) => {
    const { site, web, plan } = await fleetOf(groups, settings)
    const rollout = await web.start(await plan({ image: NEW, strategy: rolling({ maxSurge: 1 }) }))
    await drive(site, rollout)
    expect(rollout.state.outcome).toBe('promoted')
    expect(staying(site).map((one) => one.image)).toEqual([NEW, NEW, NEW])
  },
)

test('a launch template is called after its group and release as far as that fits', () => {
  const name = (group: string) => shortened(`${group}-r-0123456789ab`, LAUNCH_TEMPLATE)
  expect(name('web')).toBe('web-r-0123456789ab')
  for (const group of ['a'.repeat(250), 'web!', '!']) expect(name(group)).toMatch(/^[a-zA-Z0-9().\-/_]{3,128}$/)
  expect(name('web!')).not.toBe(name('web"'))
})

test('an instance that has no room for the mark of its release is refused when it is planned', async () => {
  const Tags = Array.from({ length: 50 }, (_, index) => ({ Key: `tag-${index}`, Value: 'x' }))
  const launch = { TagSpecifications: [{ ResourceType: 'instance' as const, Tags }] }
  const { plan } = await fleetOf(inPlace('web'), { launch })
  const problems = await problemsOf(plan({ image: NEW, strategy: rolling({ maxSurge: 1 }) }))
  expect(problems.map((one) => one.found)).toEqual([
    'instances get 50 tags, and need one more of the 50 that an instance can have',
  ])
})

test("an alarm whose clone's name would be too long is refused when it is planned", async () => {
  const { site, plan } = await fleetOf(clone({ adopt: 'web' }), {})
  const { autoScaling, cloudWatch } = site.owner
  const scaling = {
    AutoScalingGroupName: 'web',
    PolicyName: 'up',
    PolicyType: 'SimpleScaling',
    AdjustmentType: 'ChangeInCapacity',
  }
  const { PolicyARN } = await autoScaling.putScalingPolicy({ ...scaling, ScalingAdjustment: 1 })
  const AlarmName = 'b'.repeat(250)
  const watched = { Namespace: 'AWS/EC2', MetricName: 'CPUUtilization', Statistic: 'Average', Period: 60 } as const
  const judged = { EvaluationPeriods: 1, Threshold: 80, ComparisonOperator: 'GreaterThanThreshold' } as const
  await cloudWatch.putMetricAlarm({ AlarmName, AlarmActions: [PolicyARN!], ...watched, ...judged })
  const problems = await problemsOf(plan({ image: NEW, strategy: BLUE_GREEN }))
  expect(problems.map((one) => one.found)).toEqual([
    `web cannot be cloned: its alarm ${AlarmName}: the clone's, ${AlarmName}-web-v001, would have 259 signs of 255`,
  ])
})

async function fleetOf(groups: Placement, settings: FleetSettings) {
  const site: Site = await createSite()
  const { listener } = await setUpFleet(site, settings)
  const { web } = startProcess(site, { listener, groups, store: newStore(site) })
  return { site, web, plan: (spec: RolloutSpec) => web.plan(spec as never) }
}

/** All that is wrong with a plan; nothing where it is made. */
async function problemsOf(plan: Promise<unknown>) {
  try {
    await plan
    return []
  } catch (error) {
    if (isRolloutError(error, 'unsupported') || isRolloutError(error, 'spec-invalid')) return error.facts.problems
    throw error
  }
}

testTheWire()
