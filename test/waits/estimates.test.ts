import { blueGreen, canary, inPlace, rolling, type RolloutEvent } from 'imago'
import { expect, test } from 'vitest'
import { usualMs } from '../../src/core/estimate.ts'
import { createSite, metric, ofType } from '../kit/index.ts'

const IN_PLACE = { groups: inPlace('web') }
const BY_COUNT = { router: { weights: false } }
const SLOW = { settleMs: 15_000, latencyMs: [100, 3_000], router: { propagationMs: 20_000, drainMs: [1_000, 25_000] } } as const
const analysis = { metrics: [{ source: 'm', query: 'q', must: { op: '<', value: 1 } }], interval: '20s', count: 3 } as const

const STRATEGIES = {
  'blue/green': blueGreen({ bake: '2m', keepWarm: '1m', verify: ['yes'] }),
  canary: canary({ weights: [5, 25, 50], bake: '1m', analysis }),
  rolling: rolling(),
  'rolling by three, soaking': rolling({ maxSurge: 3, soak: '1m', verify: ['yes'] }),
  'rolling without surge': rolling({ maxSurge: 0, maxUnavailable: '25%' }),
  'rolling by surge and shortage': rolling({ maxSurge: '20%', maxUnavailable: 1 }),
}
const WORLDS = {
  'in place': { given: IN_PLACE, cloud: {} },
  'by count': { given: {}, cloud: BY_COUNT },
  'by weights': { given: {}, cloud: {} },
  'by weights, slowly': { given: {}, cloud: SLOW },
  'in place, slowly': { given: IN_PLACE, cloud: SLOW },
  'autoscaled, by count': { given: {}, cloud: { ...BY_COUNT, autoscaler: { periodMs: 60_000 } } },
}
const cases = Object.keys(STRATEGIES).flatMap((strategy) => Object.keys(WORLDS).map((world) => [strategy, world] as const))

test.for(cases)('%s, %s: every waypoint takes what the plan says, at every size', async ([strategy, world]) => {
  for (const size of [1, 2, 4, 7, 12, 30]) {
    const { given, cloud } = WORLDS[world as keyof typeof WORLDS]
    const site = createSite({ size, ...cloud })
    const { fleet } = site.process({
      ...given,
      checks: { yes: () => true },
      metrics: { m: metric(async ({ until }) => [{ at: until, value: 0 }]) },
    })
    const planned = () => fleet.plan({ image: 'img-2', strategy: STRATEGIES[strategy as keyof typeof STRATEGIES] })
    const impossible = (strategy === 'blue/green' && !world.startsWith('by weights')) || immovable(strategy, size)
    if (impossible) {
      expect((await site.refused(planned())).message).toContain('cannot be planned; nothing was touched')
      continue
    }
    const plan = await site.settled(planned())
    const rollout = await site.settled(fleet.start(plan))
    expect((await site.settled(rollout.run())).outcome).toBe('promoted')
    const events = await site.events(rollout)
    for (const { waypoint, earliestMs, latestMs } of plan.estimates) {
      const tookMs = at(events, 'waypoint.reached', waypoint) - at(events, 'waypoint.entered', waypoint)
      const said = `${size} instances, ${waypoint}: ${earliestMs} … ${latestMs}, took ${tookMs}`
      expect(tookMs >= earliestMs && tookMs <= Number(latestMs), said).toBe(true)
    }
  }
})

test.for([
  ['rolling, in place', rolling(), IN_PLACE, {}],
  ['rolling without surge, in place', rolling({ maxSurge: 0, maxUnavailable: 1 }), IN_PLACE, {}],
  ['rolling by three, soaking', rolling({ maxSurge: 3, soak: '1m' }), IN_PLACE, {}],
  ['canary by count, in place', canary({ weights: [25, 50], bake: '1m', maxSurge: 0, maxUnavailable: 1 }), IN_PLACE, {}],
  ['canary by weights', canary({ weights: [25, 50], bake: '1m' }), {}, {}],
] as const)('%s: where instances drain for long the whole takes no longer than it usually may', async ([, strategy, given]) => {
  for (const size of [2, 6, 18]) {
    const site = createSite({ size, router: { propagationMs: 10_000, drainMs: [300_000, 300_000] } })
    const { fleet } = site.process(given)
    const plan = await site.settled(fleet.plan({ image: 'img-2', strategy }))
    const rollout = await site.settled(fleet.start(plan))
    await site.settled(rollout.run())
    const { restsOn, floor, drain, waypoints, estimates } = plan
    const usually = usualMs(waypoints, { ...restsOn, floor, drain, demand: size, lookMs: 10_000 })
    const latestMs = estimates.reduce((sum, one) => sum + Number(one.latestMs), 0)
    const [first, last] = [(await site.events(rollout)).at(0), (await site.events(rollout)).at(-1)]
    expect(last?.type).toBe('rollout.finished')
    const tookMs = (last?.at ?? 0) - (first?.at ?? 0)
    const said = `${size} instances: usually ${usually}, at the latest ${latestMs}, took ${tookMs}`
    expect(tookMs <= usually && usually < latestMs, said).toBe(true)
  }
})

test.for([
  ['rolling, in place', rolling(), IN_PLACE, {}],
  ['rolling by three, soaking', rolling({ maxSurge: 3, soak: '1m' }), IN_PLACE, {}],
  ['canary by count', canary({ weights: [25, 50], bake: '1m' }), {}, { weights: false }],
  ['canary by weights', canary({ weights: [25, 50], bake: '1m' }), {}, {}],
  ['blue/green', blueGreen({ bake: '2m', keepWarm: '1m' }), {}, {}],
] as const)(
  '%s: where nothing else takes time a waypoint takes the earliest that the plan says',
  async ([, strategy, given, router]) => {
    const propagationMs = 20_000
    const site = createSite({ size: 12, router: { ...router, propagationMs } })
    const { fleet } = site.process({ ...given, lookInterval: 250 })
    const plan = await site.settled(fleet.plan({ image: 'img-2', strategy }))
    const rollout = await site.settled(fleet.start(plan))
    await site.settled(rollout.run())
    const events = await site.events(rollout)
    for (const { waypoint, earliestMs } of plan.estimates) {
      const tookMs = at(events, 'waypoint.reached', waypoint) - at(events, 'waypoint.entered', waypoint)
      // The last that leave are not waited for by anybody; the looks take their part.
      expect(tookMs, `${waypoint}: ${earliestMs}`).toBeLessThanOrEqual(1.1 * (earliestMs + propagationMs))
    }
  },
)

test.for([
  ['rolling, in place, 12', rolling(), IN_PLACE, 12, 'replace'],
  ['rolling by three, in place, 30', rolling({ maxSurge: 3, soak: '30s' }), IN_PLACE, 30, 'replace'],
  ['canary by weights, 12', canary({ weights: [25, 50], bake: '5m' }), {}, 12, 'weight-50'],
] as const)('%s: the way back takes about what the plan says', async ([, strategy, given, size, waypoint]) => {
  const site = createSite({ size })
  const { fleet } = site.process(given)
  const plan = await site.settled(fleet.plan({ image: 'img-2', strategy }))
  const rollout = await site.settled(fleet.start(plan))
  await site.until(rollout, (event) => event.type === 'waypoint.ready' && event.waypoint === waypoint)
  await site.settled(rollout.rollback())
  await site.settled(rollout.run())
  const events = await site.events(rollout)
  const began = events.find((event) => event.type === 'rollback.started')
  const back = events.find((event) => event.type === 'waypoint.ready' && event.seq > (began?.seq ?? Infinity))
  const tookMs = (back?.at ?? 0) - (began?.at ?? 0)
  const said = plan.estimates.find((one) => one.waypoint === waypoint)?.backMs ?? 0
  expect(tookMs / said, `${said} said, took ${tookMs}`).toBeGreaterThan(0.5)
  expect(tookMs / said, `${said} said, took ${tookMs}`).toBeLessThan(2)
})

function at(events: readonly RolloutEvent[], type: 'waypoint.entered' | 'waypoint.reached', waypoint: string): number {
  return ofType(events, type).find((event) => event.waypoint === waypoint)?.at ?? 0
}

/** Without a surge a quarter of the fleet must be an instance at least, and the floor leaves nothing to spare. */
function immovable(strategy: string, size: number): boolean {
  return strategy === 'rolling without surge' && size < 4
}
