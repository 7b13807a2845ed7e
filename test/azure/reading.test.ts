import {
  blueGreen,
  canary,
  clone,
  createImago,
  inPlace,
  rolling,
  slots,
  type Placement,
  type RolloutStore,
  type TrafficRouter,
} from 'imago'
import { azure } from 'imago/azure'
import { memoryStore } from 'imago/stores/memory'
import { worldSystem } from 'imago/testing'
import { expect, test } from 'vitest'
import { changeModel, NEW, OLD, launchFrom, setUpFleet } from './fleet.ts'
import { ownRouter } from './router.ts'
import { createSite, type Site } from './site.ts'

const BOTH = ['Uniform', 'Flexible'] as const
const IMAGES = '11111111-2222-3333-4444-555555555555/images/shop/web'

test.for(BOTH)('plans for a %s set are made by reading alone, and are printed', async (mode) => {
  const site = await createSite()
  setUpFleet(site, { mode, size: 6, pool: 'web-lb/web' })
  const image = site.publish(NEW)
  const routed = fleetOf(site, { traffic: ownRouter('web', 'web-lb/web') })
  const inside = fleetOf(site, { groups: inPlace('web') })
  const plans = [
    await routed.plan({ image, strategy: blueGreen({ bake: '10m' }) }),
    await routed.plan({ image, strategy: canary({ weights: [5, 50] }) }),
    await inside.plan({ image, strategy: canary({ weights: [20, 50], bake: '10m' }) }),
    await inside.plan({ image, strategy: rolling({ maxSurge: 2 }) }),
  ]
  for (const plan of plans) {
    expect(plan.toString()).toContain(`gallery:${IMAGES}/${OLD}`)
    expect(plan.toString()).toContain(`to    gallery:${IMAGES}/${NEW}`)
    expect(plan.toString()).not.toContain('not started')
  }
  expect(plans[0]!.toString()).toContain('as web-v001')
  expect(site.account.requests.length).toBeGreaterThan(0)
  expect(site.account.requests.filter((one) => one.method !== 'GET')).toEqual([])
})

test('a Uniform set of which some instances have an earlier model is not written: nobody could tell them apart any more', async () => {
  const site = await createSite()
  const set = setUpFleet(site, { pool: 'web-lb/web', size: 2 })
  const cloud = azure(site.access)
  const target = { name: 'web', placement: inPlace('web'), handles: [] }
  const mark = { kind: 'claim', owner: 'web#1', epoch: 1, expiresAt: site.world.now + 60_000, store: 'store' } as const
  const [first] = set.members
  set.edits++
  set.members[1] = { ...set.members[1]!, edit: set.edits }
  const why = /^web has instances of an earlier model \(web_1\), and Azure says so of all once anything is written/
  const base = Object.values((await cloud.describe(target, call())).releases)[0]!
  const { obstacles } = await cloud.resolve(target, { base }, call())
  expect(obstacles).toEqual([expect.stringMatching(why)])
  const refused = cloud.hold(target, 'web', mark, undefined, call())
  await expect(refused).rejects.toMatchObject({
    facts: { class: 'denied', native: 'LatestModelApplied' },
    message: expect.stringMatching(why) as string,
  })
  expect(site.account.requests.filter((one) => one.method !== 'GET')).toEqual([])
  // Brought to the latest model, all are known; and stay so, whatever Azure says after the first write.
  set.members[0] = { ...first!, edit: set.edits }
  const { release } = (await cloud.describe(target, call())).groups[0]!
  await cloud.hold(target, 'web', mark, undefined, call())
  const [held] = (await cloud.describe(target, call())).groups
  expect([held!.sizes, set.members.every((one) => one.edit < set.edits)]).toEqual([{ [release]: 2 }, true])
  // Of what its owner has the set launch since, those that run are not, and what they are is still known.
  changeModel(set, { userData: 'bmV3' })
  set.edits++
  set.etag++
  const [changed] = (await cloud.describe(target, call())).groups
  expect(changed!.sizes).toEqual({ [release]: 2, [changed!.release]: 0 })
})

test.for(BOTH.flatMap((mode) => [6, 60, 600, 1_000].map((size) => [mode, size] as const)))(
  'a look at a %s set of %i instances costs five calls, one more for each full page, and four once the set is known',
  async ([mode, size]) => {
    const site = await createSite()
    setUpFleet(site, { mode, size })
    const web = fleetOf(site)
    for (const gets of [1, 0]) {
      site.account.requests.length = 0
      const { groups } = await web.describe()
      expect(groups[0]?.instances.length).toBe(size)
      expect(callsOf(site)).toEqual({
        'virtualMachineScaleSets.list': 1,
        ...(gets === 0 ? {} : { 'virtualMachineScaleSets.get': gets }),
        'autoscaleSettings.listByResourceGroup': 1,
        'virtualMachineScaleSetRollingUpgrades.getLatest': 1,
        [mode === 'Uniform' ? 'virtualMachineScaleSetVMs.list' : 'virtualMachines.list']: Math.ceil(size / site.account.pageSize),
      })
    }
  },
)

test.for(BOTH)('a %s set is shown with its bounds, sizes, health and release', async (mode) => {
  const site = await createSite()
  const set = setUpFleet(site, { mode })
  const { fleet, groups, releases, facts } = await fleetOf(site).describe()
  const [web] = groups
  expect(fleet).toBe('azure:11111111-2222-3333-4444-555555555555/shop/web')
  expect(web).toMatchObject({ id: 'web', sizes: { [web!.release]: 3 }, min: 0, max: 1_000, holds: [], version: '"1"' })
  expect(releases[web!.release]?.image).toEqual({ scheme: 'gallery', scope: IMAGES, id: OLD })
  expect(facts.health).toEqual(['application health extension'])
  const numbers = mode === 'Uniform' ? ['web_1', 'web_3', 'web_5'] : ['web_abc0000', 'web_abc0001', 'web_abc0002']
  // Beside Azure's name there is the beginning of what an instance is given once.
  const names = numbers.map((one, index) => `${one}.${set.members[index]!.vmId.slice(0, 8)}`)
  expect(web!.instances.map(({ id, state, zone, release }) => [id, state, zone, release])).toEqual(
    names.map((id, index) => [id, 'healthy', String(index + 1), web!.release]),
  )
})

test.for(BOTH)('instances of a %s set are never healthy before something says so', async (mode) => {
  const site = await createSite()
  site.publish('2.0.0', { kind: 'never-healthy' })
  const { account, world } = site
  const set = setUpFleet(site, { mode, image: { id: site.publish('2.0.0', { kind: 'never-healthy' }) } })
  const states = async () => (await fleetOf(site).describe()).groups[0]!.instances.map((one) => [one.state, one.reason])
  expect(await states()).toEqual(Array.from({ length: 3 }, () => ['unhealthy', 'HealthState/unhealthy: it never answered']))
  world.machines.end(set.members[0]!.machine!.id, 'somebody switched it off')
  expect((await states())[0]).toEqual(['unhealthy', 'PowerState/stopped'])
  account.sets.clear()
  const other = setUpFleet(site, { mode, name: 'other', health: 'none' })
  const { facts, groups } = await fleetOf(site, { groups: clone({ adopt: 'other' }) }).describe()
  // Nothing asks its instances: that they run is all that is known, and the facts say that nobody knows more.
  expect([facts.health, groups[0]?.instances.map((one) => one.state)]).toEqual([[], other.members.map(() => 'healthy')])
})

test('instances tell what they were launched from, whatever the model says by now', async () => {
  const site = await createSite()
  const set = setUpFleet(site)
  launchFrom(set, { id: site.publish(NEW) })
  const { groups, releases } = await fleetOf(site).describe()
  const [web] = groups
  const old = web!.instances[0]!.release
  expect([releases[web!.release]?.image.id, releases[old]?.image.id]).toEqual([NEW, OLD])
  expect(web!.sizes).toEqual({ [old]: 3, [web!.release]: 0 })
  // A change that leaves the image as it was is another release too: Azure does not say which.
  launchFrom(set, { id: site.publish(OLD) })
  const again = await fleetOf(site).describe()
  expect(again.groups[0]!.sizes).toMatchObject({ [again.groups[0]!.release]: 0 })
})

test.for(BOTH)('instances of another size than a %s set has now are of another release', async (mode) => {
  const site = await createSite()
  const set = setUpFleet(site, { mode })
  const before = (await fleetOf(site).describe()).groups[0]!.release
  set.model = { ...set.model, sku: { ...set.model.sku, name: 'Standard_D4s_v5' } }
  const [web] = (await fleetOf(site).describe()).groups
  expect(web!.release).not.toBe(before)
  expect(web!.sizes[web!.release]).toBe(0)
})

test('a set that launches something else than it runs is not cloned, and is rolled in place', async () => {
  const site = await createSite()
  const image = site.publish(NEW)
  const set = setUpFleet(site)
  launchFrom(set, { id: image })
  await expect(fleetOf(site).plan({ image, strategy: rolling() })).rejects.toThrow(
    /web, which runs gallery:.*1\.0\.0 and launches/,
  )
  await fleetOf(site, { groups: inPlace('web') }).plan({ image, strategy: rolling() })
})

test('two slots are one fleet, and an empty one is not shown', async () => {
  const site = await createSite()
  setUpFleet(site, { name: 'web-b', size: 0 })
  setUpFleet(site, { name: 'web-a' })
  const { fleet, groups } = await fleetOf(site, { groups: slots('web-b', 'web-a') }).describe()
  expect([fleet, groups.map((one) => one.id)]).toEqual([expect.stringMatching(/\/shop\/web-a$/), ['web-a']])
  const plan = await fleetOf(site, { groups: slots('web-a', 'web-b') }).plan({ image: site.publish(NEW), strategy: rolling() })
  expect(plan.toString()).toContain('web-b')
  // Where one of them has nobody who asks, the fleet has no source of health.
  setUpFleet(site, { name: 'web-b', size: 0, health: 'none' })
  expect((await fleetOf(site, { groups: slots('web-a', 'web-b') }).describe()).facts.health).toEqual([])
})

test('a set is the same in upper and lower case, and is called as the fleet calls it', async () => {
  const site = await createSite()
  setUpFleet(site)
  const web = fleetOf(site, { groups: inPlace('WEB') })
  const { fleet, groups } = await web.describe()
  expect([fleet, groups[0]?.id]).toEqual([(await fleetOf(site).describe()).fleet, 'WEB'])
  await web.plan({ image: site.publish(NEW), strategy: rolling() })
})

test('what sends to a set is named, and a clone of it is refused without the router', async () => {
  const site = await createSite()
  setUpFleet(site, { pool: 'web-lb/web', health: 'probe' })
  const { groups, facts } = await fleetOf(site).describe()
  expect([groups[0]?.joins, facts.health]).toEqual([['web-lb/web'], ['load balancer probe']])
  const spec = { image: site.publish(NEW), strategy: rolling() }
  await expect(fleetOf(site).plan(spec)).rejects.toThrow(
    /web, which receives traffic by web-lb\/web, and the fleet declares no router/,
  )
  await fleetOf(site, { groups: inPlace('web') }).plan(spec)
})

test('a rolling upgrade that is at work is named, and nothing is planned beside it', async () => {
  const site = await createSite()
  const set = setUpFleet(site)
  const spec = { image: site.publish(NEW), strategy: rolling() }
  const running = (code: string, more: object = {}) => ({
    policy: { maxSurge: true },
    runningStatus: { code, startTime: '2030-01-01T00:00:00Z', lastAction: 'Start', ...more },
    progress: { successfulInstanceCount: 1, failedInstanceCount: 0, inProgressInstanceCount: 1, pendingInstanceCount: 1 },
  })
  const refusals: [object, RegExp][] = [
    [
      running('RollingForward'),
      /the rolling upgrade of web since 2030-01-01T00:00:00.000Z, RollingForward, 1 done, 0 failed, 1 under/,
    ],
    [{ ...running('RollingForward'), policy: {} }, /which changes instances that run instead of replacing them/],
    [running('RollingForward', { lastAction: 'Cancel' }), /wait until it has ended/],
    [running('a state that is new'), /a state that is new/],
  ]
  for (const [upgrade, reason] of refusals) {
    set.upgrade = upgrade as Record<string, unknown>
    await expect(fleetOf(site).plan(spec)).rejects.toThrow(reason)
  }
  set.upgrade = running('RollingForward', { lastAction: 'Cancel' })
  expect((await fleetOf(site).describe()).groups[0]?.update?.state).toBe('stopping')
  for (const code of ['Completed', 'Cancelled', 'Faulted']) {
    set.upgrade = running(code)
    await fleetOf(site).plan(spec)
  }
})

test.for(['Automatic', 'Rolling'])(
  'a set in %s mode is not rolled: any change of it may re-image what runs',
  async (upgradeMode) => {
    const site = await createSite()
    setUpFleet(site, { upgradeMode })
    const spec = { image: site.publish(NEW), strategy: rolling() }
    for (const groups of [inPlace('web'), clone({ adopt: 'web' })])
      await expect(fleetOf(site, { groups }).plan(spec)).rejects.toThrow(new RegExp(`web is in ${upgradeMode} mode`))
  },
)

function callsOf({ account }: Site): Record<string, number> {
  const calls: Record<string, number> = {}
  for (const { operation } of account.requests) calls[operation] = (calls[operation] ?? 0) + 1
  return calls
}

function call() {
  return { signal: new AbortController().signal, token: 't' }
}

interface Declared {
  readonly groups?: Placement
  readonly store?: RolloutStore
  readonly traffic?: TrafficRouter<{ weights: true }>
}

function fleetOf(site: Site, { groups = clone({ adopt: 'web' }), store, ...traffic }: Declared = {}) {
  const imago = createImago({
    store: store ?? memoryStore({ now: () => site.world.now, id: 'store' }),
    providers: { azure: azure(site.access) },
    system: worldSystem(site.world, 'planner', { user: 'ada' }),
  })
  return imago.fleet('web', { provider: 'azure', groups, ...traffic })
}
