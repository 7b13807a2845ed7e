import { blueGreen, canary, clone, createImago, inPlace, rolling, type Placement, type Rollout, type RolloutSpec } from 'imago'
import { alb, aws } from 'imago/aws'
import { memoryStore } from 'imago/stores/memory'
import { worldSystem, type ImageBehaviour } from 'imago/testing'
import { expect, test } from 'vitest'
import { NEW, OLD, setUpFleet } from './fleet.ts'
import { createSite, testTheWire, type Site } from './site.ts'

const CLONED = clone({ adopt: 'web' })
const strategies = {
  'blue/green': [blueGreen({ bake: '2m' }), CLONED],
  canary: [canary({ weights: [5, 50], bake: '2m' }), CLONED],
  'rolling clone': [rolling({ maxSurge: 2 }), CLONED],
  'rolling in place': [rolling({ maxSurge: 2 }), inPlace('web')],
} as const

test.for(Object.keys(strategies) as (keyof typeof strategies)[])('%s replaces a group behind a load balancer', async (name) => {
  const site = await createSite()
  const [strategy, groups] = strategies[name]
  const { rollout, images } = await roll(site, { strategy, groups })
  expect(rollout.state.outcome).toBe('promoted')
  expect(images()).toEqual([NEW, NEW, NEW])
  expect(leftovers(site)).toEqual([])
})

test.for(Object.keys(strategies) as (keyof typeof strategies)[])(
  '%s of an image that never answers is rolled back',
  async (name) => {
    const site = await createSite()
    const [strategy, groups] = strategies[name]
    const { rollout, images } = await roll(site, { strategy, groups, behaviour: { kind: 'never-healthy' } })
    expect(rollout.state.outcome).toBe('rolled-back')
    expect(images()).toEqual([OLD, OLD, OLD])
    expect(leftovers(site)).toEqual([])
  },
)

interface Job {
  readonly strategy: RolloutSpec['strategy']
  readonly groups: Placement
  readonly behaviour?: ImageBehaviour
  /** What the owner does to the fleet first. */
  readonly before?: (site: Site) => Promise<void>
}

async function roll(site: Site, { strategy, groups, behaviour = { kind: 'good' }, before }: Job) {
  const { listener } = await setUpFleet(site)
  await before?.(site)
  site.publish(NEW, behaviour)
  const cloud = aws({ ...site.access, now: () => site.world.now })
  const imago = createImago({
    store: memoryStore({ now: () => site.world.now, id: 'store' }),
    providers: { aws: cloud },
    system: worldSystem(site.world, 'driver', { user: 'ada' }),
  })
  const web = imago.fleet('web', { provider: 'aws', groups, traffic: alb(cloud, { listeners: [listener] }) })
  const rollout = await web.start(await web.plan({ image: NEW, strategy: strategy as never }))
  await drive(site, rollout)
  await imago.close()
  return { rollout, images: () => [...site.account.instances.values()].map((one) => one.image) }
}

/** Everything that imago made or marked and that a finished rollout must not leave, but for the mark of the fleet itself. */
function leftovers({ account }: Site): string[] {
  const found: string[] = []
  const [groups, routes] = [[...account.groups.values()], [...account.targetGroups.values()]]
  if (groups.length !== 1) found.push(`groups ${groups.map((one) => one.name).join(', ')}`)
  if (routes.length !== 1) found.push(`target groups ${routes.map((one) => one.name).join(', ')}`)
  for (const group of groups) {
    for (const key of group.tags.keys()) if (/^imago:(claim|scale-in)/.test(key)) found.push(`${group.name} bears ${key}`)
    for (const process of group.suspended) found.push(`${group.name} has ${process} suspended`)
    if (group.min !== 1) found.push(`${group.name} has a minimum of ${group.min}`)
  }
  for (const one of account.instances.values()) if (one.protectedFromScaleIn) found.push(`${one.id} is protected`)
  return found
}

async function drive(site: Site, rollout: Rollout): Promise<void> {
  for (let turns = 0; rollout.state.phase !== 'done'; turns++) {
    if (turns > 600) throw new Error(`it does not end: ${JSON.stringify(rollout.state.phase)}`)
    const { wakeAt } = await rollout.tick()
    site.world.runUntil(Math.max(wakeAt, site.world.now + 1_000))
  }
}

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

testTheWire()
