import { blueGreen, canary, inPlace, rolling, type RolloutEvent, type Sample } from 'imago'
import { describe, expect, test } from 'vitest'
import { createSite, metric, ofType, type ProcessSetUp, type Site } from '../kit/index.ts'

const HALF_AN_HOUR_MS = 1_800_000
const PATIENT = { progressDeadline: '1d', healthyFor: '40s' } as const
const analysis = { metrics: [{ source: 'm', query: 'q', must: { op: '<', value: 1 } }], interval: '20s', count: 3 } as const

/** The events of a whole rollout whose fleet is looked at every half an hour, unless something is due before. */
async function rolled(site: Site, setUp: ProcessSetUp, strategy: Parameters<Site['started']>[1]): Promise<RolloutEvent[]> {
  const { fleet } = site.process({ lookInterval: HALF_AN_HOUR_MS, ...setUp })
  const rollout = await site.started(fleet, strategy)
  await site.settled(rollout.run())
  return await site.events(rollout)
}

/** Seconds from when the condition of a gate began to hold to what it came to. */
function took(events: readonly RolloutEvent[], gate: string): readonly [string, number] {
  const began = events.find(
    (event) => (event.type === 'gate.holding' || event.type === 'approval.requested') && event.gate === gate,
  )
  const ended = events.find((event) => (event.type === 'gate.opened' || event.type === 'gate.failed') && event.gate === gate)
  return [ended?.type ?? 'nothing', ((ended?.at ?? Infinity) - (began?.at ?? 0)) / 1_000]
}

/** Seconds from each event to the next one. */
function apart(events: readonly RolloutEvent[]): number[] {
  return events.slice(1).map((event, index) => (event.at - (events[index]?.at ?? 0)) / 1_000)
}

describe('what is due by time alone comes at its time, however rarely the fleet is looked at', () => {
  test('a gate that asks for time', async () => {
    const events = await rolled(createSite(), {}, canary({ ...PATIENT, weights: [34], bake: '50s' }))
    expect(took(events, 'healthy')).toEqual(['gate.opened', 40])
    expect(took(events, 'bake')).toEqual(['gate.opened', 50])
  })

  test('the soak of a first instance', async () => {
    const events = await rolled(createSite(), {}, rolling({ ...PATIENT, soak: '70s' }))
    expect(took(events, 'soak')).toEqual(['gate.opened', 70])
  })

  test('an approval that nobody gives', async () => {
    const approval = { id: 'go', expires: '10m', then: 'proceed' } as const
    expect(took(await rolled(createSite(), {}, blueGreen({ ...PATIENT, approval })), 'go')).toEqual(['gate.opened', 600])
  })

  test.for([
    ['yes at the fourth time', 4, ['gate.opened', 20]],
    ['never yes', Infinity, ['gate.failed', 120]],
  ] as const)('a check: %s', async ([, yes, end]) => {
    let asked = 0
    const events = await rolled(
      createSite(),
      { checks: { smoke: () => ++asked >= yes } },
      blueGreen({ ...PATIENT, verify: ['smoke'] }),
    )
    expect(took(events, 'verify-smoke')).toEqual(end)
    expect(new Set(apart(ofType(events, 'measurement.taken')))).toEqual(new Set([5]))
  })

  test.for([
    ['passes', [{ value: 0 }], {}, ['gate.opened', 80]],
    ['is without data', [], { deadline: '3m' }, ['gate.failed', 180]],
    ['has too few passes until its deadline', [{ value: 0 }], { count: 99, deadline: '70s' }, ['gate.failed', 70]],
  ] as const)('an analysis that %s', async ([, samples, more, end]) => {
    const read = async ({ until }: { until: number }): Promise<Sample[]> => samples.map((sample) => ({ at: until, ...sample }))
    const strategy = canary({ ...PATIENT, weights: [34], bake: '1s', analysis: { ...analysis, ...more } })
    const events = await rolled(createSite(), { metrics: { m: metric(read) } }, strategy)
    expect(took(events, 'analysis')).toEqual(end)
    const ofOne = ofType(events, 'measurement.taken').filter((event) => event.waypoint === 'weight-34')
    expect(new Set(apart(ofOne))).toEqual(new Set([20]))
  })

  test('the question whether an instance has drained', async () => {
    const asked: number[] = []
    const site = createSite({ router: false, size: 1 })
    const setUp: ProcessSetUp = {
      groups: inPlace('web'),
      checks: { idle: () => asked.push(site.world.now / 1_000) > 4 },
      spec: { drain: { hook: { check: 'idle' }, every: '1m', deadline: '10m' } },
    }
    await rolled(site, setUp, rolling(PATIENT))
    expect(asked.map((at) => at - (asked[0] ?? 0))).toEqual([0, 60, 120, 180, 240])
  })
})

test('a waypoint is left at the look at which its last gate opens, whichever that is', async () => {
  const read = async ({ until }: { until: number }): Promise<Sample[]> => [{ at: until, value: 0 }]
  const setUp = { checks: { smoke: () => true }, metrics: { m: metric(read) }, lookInterval: 10_000 }
  const strategies = [
    blueGreen({ ...PATIENT, bake: '1m', verify: ['smoke'] }),
    blueGreen({ ...PATIENT, bake: '1m', approval: { id: 'go', expires: '1m', then: 'proceed' } }),
    canary({ ...PATIENT, weights: [34], bake: '1s', analysis }),
    rolling({ ...PATIENT, soak: '2m' }),
  ]
  for (const strategy of strategies) {
    const events = await rolled(createSite(), setUp, strategy)
    for (const left of events) {
      if (left.type !== 'waypoint.reached') continue
      const last = events.findLast((event) => event.type === 'gate.opened' && event.waypoint === left.waypoint)
      expect(last?.at ?? left.at, left.waypoint).toBe(left.at)
    }
  }
})
