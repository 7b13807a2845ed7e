import { blueGreen, canary, clone, rolling, slots, type FleetTarget, type TrafficRouter } from 'imago'
import { azure, frontDoor, trafficManager } from 'imago/azure'
import { describe, expect, test } from 'vitest'
import { addSlot, leadTo, NEW, OLD, setUpFleet } from './fleet.ts'
import { drive, ENDPOINTS, leftovers, newStore, roll, startProcess } from './rolling.ts'
import { createSite, type Site } from './site.ts'
import type { ProfileRecord } from './wire/profile.ts'

const { blue: BLUE, green: GREEN } = ENDPOINTS
const SLOTS = slots('web', 'web-b')
const WAYS = [
  ['Traffic Manager', 'trafficManager', 'endpoints.update'],
  ['Front Door', 'frontDoor', 'afdOrigins.update'],
] as const

describe.for(WAYS)('%s', ([way, kind, write]) => {
  test('a canary goes from one slot to the other by weights, and the empty one is left disabled', async () => {
    const site = await createSite()
    const { before, profile } = beginning(site, kind)
    const strategy = canary({ weights: [5, 50], bake: '2m' })
    const { rollout, images } = await roll(site, { strategy, groups: SLOTS, way, before, paceMs: 60_000 })
    expect([rollout.state.outcome, images()]).toEqual(['promoted', [NEW, NEW, NEW]])
    expect(written(site, write)).toEqual(['blue 950', 'green 50', 'green 500', 'blue 500', 'green 1000', 'blue off'])
    expect(statesOf(profile())).toEqual({ blue: 'off', green: '1000' })
  })

  test('a blue/green of an image that never answers goes back, and its endpoint has had nothing', async () => {
    const site = await createSite()
    const { before } = beginning(site, kind)
    const strategy = blueGreen({ bake: '2m', progressDeadline: '10m' })
    const behaviour = { kind: 'never-healthy' } as const
    const { rollout, images } = await roll(site, { strategy, groups: SLOTS, way, before, behaviour, paceMs: 60_000 })
    expect([rollout.state.outcome, images()]).toEqual(['rolled-back', [OLD, OLD, OLD]])
    expect(written(site, write)).toEqual([])
  })

  test('whoever calls a canary back gives all of it back', async () => {
    const site = await createSite()
    setUpFleet(site, { mode: 'Flexible', pool: BLUE, bounds: { min: 1, max: 10 } })
    const { before, profile } = beginning(site, kind)
    before()
    const { imago, web } = startProcess(site, { groups: SLOTS, store: newStore(site), way })
    const image = site.publish(NEW)
    const rollout = await web.start(await web.plan({ image, strategy: canary({ weights: [5, 50], bake: '1h' }) }))
    for (let turn = 0; turn < 200 && statesOf(profile())['green'] !== '500'; turn++) await drive(site, rollout, 1, 60_000)
    await rollout.rollback({ reason: 'it is slow' })
    await drive(site, rollout, 600, 60_000)
    expect([rollout.state.outcome, statesOf(profile())]).toEqual(['rolled-back', { blue: '1000', green: 'off' }])
    await imago.close()
  })

  test('a clone has no endpoint: it is refused in words by weights, and rolled by count in the pool of its original', async () => {
    const site = await createSite()
    setUpFleet(site, { mode: 'Flexible', pool: BLUE, bounds: { min: 1, max: 10 } })
    leadTo(site, kind, BLUE, GREEN)
    const image = site.publish(NEW)
    const { imago, web } = startProcess(site, { groups: clone({ adopt: 'web' }), store: newStore(site), way })
    await expect(web.plan({ image, strategy: blueGreen() })).rejects.toThrow(/a group that is made has no endpoint of its own/)
    await imago.close()
    const again = await createSite()
    const { rollout, images } = await roll(again, {
      strategy: rolling({ maxSurge: 2 }),
      groups: clone({ adopt: 'web' }),
      way,
      before: () => void leadTo(again, kind, BLUE, GREEN),
    })
    expect([rollout.state.outcome, images(), leftovers(again)]).toEqual(['promoted', [NEW, NEW, NEW], []])
  })

  test('weights are set as one whole, conflict with others, and are refused where they are none', async () => {
    const { router, weights, settle } = await weighing(kind)
    await router.setWeights(target, { [BLUE]: 1_000 }, { [BLUE]: 999, [GREEN]: 1 }, call())
    settle()
    expect(await weights()).toEqual({ [BLUE]: 999, [GREEN]: 1 })
    const refused: [object, object, string][] = [
      [{ [BLUE]: 1_000 }, { [GREEN]: 1_000 }, 'conflict'],
      [{}, { [GREEN]: 1_000 }, 'conflict'],
      [{ [BLUE]: 999, [GREEN]: 1 }, { 'other-lb/web': 1_000 }, 'not-found'],
      [{ [BLUE]: 999, [GREEN]: 1 }, { [BLUE]: 999 }, 'invalid'],
      [{ [BLUE]: 999, [GREEN]: 1 }, { [BLUE]: 999.5, [GREEN]: 0.5 }, 'invalid'],
      [{ [BLUE]: 999, [GREEN]: 1 }, { [BLUE]: 1_001, [GREEN]: -1 }, 'invalid'],
    ]
    for (const [expected, wanted, failure] of refused)
      await expect(router.setWeights(target, { ...expected }, { ...wanted }, call())).rejects.toMatchObject({
        facts: { class: failure },
      })
    expect(await weights()).toEqual({ [BLUE]: 999, [GREEN]: 1 })
  })

  test('of a change that was cut off half a look shows something between, and it is finished from there', async () => {
    const { router, site, profile, weights, settle } = await weighing(kind)
    await router.setWeights(target, { [BLUE]: 1_000 }, { [BLUE]: 900, [GREEN]: 100 }, call())
    settle()
    let left = 1
    site.account.fateOf = (operation, isRead) => (isRead || left-- > 0 ? undefined : { landsAfterMs: [], cutAfterMs: 0 })
    const half = router.setWeights(target, { [BLUE]: 900, [GREEN]: 100 }, { [BLUE]: 500, [GREEN]: 500 }, call())
    await expect(half).rejects.toMatchObject({ facts: { class: 'unknown' } })
    site.account.fateOf = () => undefined
    const between = await weights()
    expect([statesOf(profile), between]).toEqual([
      { blue: '900', green: '500' },
      { [BLUE]: 643, [GREEN]: 357 },
    ])
    settle()
    await router.setWeights(target, between, { [BLUE]: 500, [GREEN]: 500 }, call())
    expect(statesOf(profile)).toEqual({ blue: '500', green: '500' })
  })

  test('endpoints are neither made nor deleted; one that is missing is named', async () => {
    const { router, site, profile } = await weighing(kind)
    await router.prepare(target, GREEN, call())
    await expect(router.prepare(target, 'web-v001', call())).rejects.toMatchObject({ facts: { class: 'invalid' } })
    await expect(router.release(target, BLUE, call())).rejects.toMatchObject({ facts: { class: 'conflict' } })
    await expect(router.release(target, GREEN, call())).rejects.toMatchObject({ facts: { class: 'invalid' } })
    await router.release(target, 'web-v001', call())
    expect(site.account.requests.filter((one) => one.method !== 'GET')).toEqual([])
    profile.endpoints.delete('green')
    await expect(router.look(target, call())).rejects.toThrow(/has no endpoint green; there are: blue/)
  })

  test('an endpoint of somebody else keeps its part: there are no weights beside it', async () => {
    const { router, profile } = await weighing(kind)
    expect((await router.look(target, call())).facts.weights).toEqual({ can: true })
    profile.endpoints.set('red', { pool: 'red-lb/web', weight: 10, isEnabled: true, priority: 1, busyUntil: 0 })
    expect((await router.look(target, call())).facts.weights).toMatchObject({ can: false, why: expect.stringMatching(/red/) })
    profile.endpoints.get('red')!.isEnabled = false
    expect((await router.look(target, call())).facts.weights).toEqual({ can: true })
  })
})

test('Traffic Manager goes by weights where its profile says so, and for as long as its answers are good', async () => {
  const { router, profile } = await weighing('trafficManager')
  profile.ttl = 300
  expect((await router.look(target, call())).facts).toMatchObject({
    propagationMs: 360_000,
    units: 1_000,
    conditional: { can: false },
  })
  profile.method = 'Performance'
  expect((await router.look(target, call())).facts).toMatchObject({
    weights: { can: false, why: 'the profile shop routes by Performance', instead: 'the routing method Weighted' },
    // By count nothing of the profile changes.
    propagationMs: 75_000,
  })
})

test('instances behind an endpoint that answers no probe get nothing, and Traffic Manager says so', async () => {
  const { router, profile, site } = await weighing('trafficManager')
  site.world.runUntil(site.world.now + 120_000)
  const states = async () => Object.values((await router.look(target, call())).routing.instances)
  expect(await states()).toEqual([{ state: 'in' }, { state: 'in' }, { state: 'in' }])
  profile.endpoints.get('blue')!.ill = 'Degraded'
  expect(await states()).toContainEqual({ state: 'out', reason: 'Traffic Manager says that blue is Degraded' })
})

test('Front Door shares by weights among origins of one priority that count as equally fast, and where nobody must stay', async () => {
  const { router, profile } = await weighing('frontDoor')
  const why = async () => {
    const { weights } = (await router.look(target, call())).facts
    return weights.can ? 'it can' : weights.why
  }
  expect((await router.look(target, call())).facts).toMatchObject({ propagationMs: 2_400_000, conditional: { can: false } })
  profile.latencyMs = 0
  expect(await why()).toMatch(/sends to the fastest origin alone/)
  profile.latencyMs = 50
  profile.isSticky = true
  expect(await why()).toMatch(/has session affinity/)
  profile.isSticky = false
  profile.endpoints.get('green')!.priority = 2
  expect(await why()).toMatch(/have different priorities/)
})

test('routers that cannot be made are refused with every problem at once', async () => {
  const cloud = azure((await createSite()).access)
  const twice = { blue: BLUE, green: BLUE }
  expect(() => trafficManager(cloud, { profile: '', endpoints: twice })).toThrow(
    /profile: found "".*[^]*endpoints: .*allowed: a pool of its own for each endpoint/,
  )
  expect(() => frontDoor(cloud, { profile: 'front', originGroup: 'a/b', origins: { blue: 'web' } })).toThrow(
    /originGroup: found "a\/b"[^]*origins.blue: found "web"/,
  )
})

const target: FleetTarget = { name: 'web', placement: SLOTS, handles: [] }

/** Two slots, each behind an endpoint. */
function beginning(site: Site, kind: ProfileRecord['kind']) {
  return {
    before: () => {
      addSlot(site, { pool: GREEN })
      leadTo(site, kind, BLUE, GREEN)
    },
    profile: () => [...site.account.profiles.values()][0]!,
  }
}

/** A router of two slots, the first of which has all of the traffic. */
async function weighing(kind: ProfileRecord['kind']) {
  const site = await createSite()
  setUpFleet(site, { mode: 'Flexible', pool: BLUE })
  const { before, profile } = beginning(site, kind)
  before()
  site.account.requests.length = 0
  const cloud = azure(site.access)
  const router: TrafficRouter =
    kind === 'trafficManager'
      ? trafficManager(cloud, { profile: 'shop', endpoints: ENDPOINTS })
      : frontDoor(cloud, { profile: 'front', originGroup: 'web', origins: ENDPOINTS })
  const weights = async () => {
    const { routing } = await router.look(target, call())
    return Object.fromEntries(routing.routes.map((one) => [one.binding, one.weight]))
  }
  // An origin that is being updated is changed by nobody else.
  const settle = () => site.world.runUntil(site.world.now + 10_000)
  return { site, router, profile: profile(), weights, settle }
}

/** What was written of weights, in order. */
function written({ account }: Site, operation: string): string[] {
  const writes = account.requests.filter((one) => one.operation === operation)
  return writes.map(({ url, body }) => {
    const { weight, ...states } = body['properties'] as { weight?: number }
    return `${new URL(url, 'http://azure').pathname.split('/').at(-1)} ${Object.values(states)[0] === 'Disabled' ? 'off' : weight}`
  })
}

function statesOf({ endpoints }: ProfileRecord): Record<string, string> {
  return Object.fromEntries([...endpoints].map(([name, one]) => [name, one.isEnabled ? String(one.weight) : 'off']))
}

function call() {
  return { signal: new AbortController().signal, token: 't' }
}
