import { blueGreen, canary, inPlace, rolling, slots, type Sample, type VerdictPolicy } from 'imago'
import { describe, expect, test } from 'vitest'
import { createSite, metric, ofType, type Site } from '../kit/index.ts'

const DAY_MS = 86_400_000
const LATENCY = { source: 'm', query: 'latency', must: { op: '<', value: 1 }, inconclusiveUntil: 2 } as const

describe('healthy', () => {
  test.for([
    ['1s', 10_000],
    ['25s', 30_000],
  ] as const)('for %s: it opens at the second look or later, when it has held that long', async ([healthyFor, ms]) => {
    const site = createSite()
    const { fleet } = site.process({ lookInterval: 10_000 })
    const rollout = await site.started(fleet, blueGreen({ healthyFor, bake: '30s' }))
    await site.turns(rollout, 20)
    const [holding, opened] = (await site.events(rollout)).filter(
      (event) => (event.type === 'gate.holding' || event.type === 'gate.opened') && event.gate === 'healthy',
    )
    expect((opened?.at ?? 0) - (holding?.at ?? 0)).toBe(ms)
    const plan = await site.settled(fleet.plan({ image: 'img-3', strategy: blueGreen({ healthyFor }) }))
    expect(plan.toString()).toContain(`healthy at two looks, for ${healthyFor}`)
  })

  test('is journaled when it begins, breaks and opens, and at no look between', async () => {
    const site = createSite()
    const rollout = await site.started(site.process().fleet, blueGreen({ healthyFor: '5m', bake: '30s' }))
    await site.until(rollout, (event) => event.type === 'gate.holding')
    await site.turns(rollout, 10)
    site.world.machines.end('web-v001-0004', 'it crashed')
    await site.until(rollout, (event) => event.type === 'gate.opened')
    const about = (await site.events(rollout)).filter((event) => 'gate' in event && event.gate === 'healthy')
    expect(about.map((event) => event.type)).toEqual(['gate.holding', 'gate.broken', 'gate.holding', 'gate.opened'])
  })
})

test('quiet turns of a long bake write nothing at all', async () => {
  const site = createSite()
  let writes = 0
  const counted = {
    append: (...given: Parameters<Site['store']['append']>) => (writes++, site.store.append(...given)),
    compareAndSet: (...given: Parameters<Site['store']['compareAndSet']>) => (writes++, site.store.compareAndSet(...given)),
  }
  const { fleet } = site.process({ store: { ...site.store, ...counted } })
  const rollout = await site.started(fleet, canary({ weights: [34], bake: '5h' }))
  await site.until(rollout, (event) => event.type === 'gate.holding' && event.gate === 'bake')
  await site.turns(rollout, 5)
  writes = 0
  await site.turns(rollout, 50)
  expect(writes).toBe(0)
})

describe('an analysis that has not come to its end in time', () => {
  const judged = async (read: (call: number, until: number) => readonly Sample[], policy: object) => {
    const site = createSite()
    let calls = 0
    const { fleet } = site.process({ metrics: { m: metric(async ({ until }) => read(calls++, until)) } })
    const analysis = { metrics: [LATENCY], interval: '30s', count: 2, ...policy } as const
    const rollout = await site.started(fleet, canary({ weights: [50], bake: '30s', analysis }))
    const report = await site.settled(rollout.run())
    return [report.outcome, ofType(await site.events(rollout), 'analysis.judged')[0]?.verdict]
  }
  const at = (value: number) => (_: number, until: number) => [{ at: until, value }]

  test.for([
    ['no data at all', () => [], { onInconclusive: 'proceed' }, 'rolled-back', 'no-data'],
    ['no data, which may proceed at once', () => [], { onNoData: 'proceed' }, 'promoted', 'no-data'],
    ['numbers that prove nothing', at(1.5), {}, 'rolled-back', 'inconclusive'],
    ['a source that fails', at(Number.NaN), { onInconclusive: 'proceed', onNoData: 'proceed' }, 'rolled-back', 'error'],
    ['failures that are forgiven', at(5), { failureLimit: 99, onFail: 'abort', deadline: '2m' }, 'aborted', 'fail'],
    ['passes that are too few', at(0), { count: 9, deadline: '2m' }, 'rolled-back', 'inconclusive'],
  ] as const)('%s: the last verdict has its own consequence', async ([, read, policy, outcome, verdict]) => {
    expect(await judged(read, policy)).toEqual([outcome, verdict])
  })

  test('it begins when the weights are true for every request, and has all of its time from then on', async () => {
    const propagationMs = 2_400_000
    const site = createSite({ router: { propagationMs } })
    let shiftedAt = Infinity
    const windows: number[] = []
    const read = metric(async ({ from, until }) => {
      windows.push(from)
      return from < shiftedAt + propagationMs ? [] : [{ at: until, value: 0 }]
    })
    const { fleet } = site.process({ metrics: { m: read } })
    const analysis = { metrics: [LATENCY], interval: '30s', count: 2 } as const
    const rollout = await site.started(fleet, canary({ weights: [50], bake: '30s', analysis }))
    shiftedAt = (await site.until(rollout, (event) => event.type === 'traffic.shifted')).at
    expect((await site.settled(rollout.tick())).waitingFor).toContainEqual({
      what: 'the routing to be true for every request',
      untilAt: shiftedAt + propagationMs,
      then: 'analysis begins',
    })
    expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted' })
    expect(Math.min(...windows)).toBeGreaterThanOrEqual(shiftedAt + propagationMs)
    const [step] = rollout.state.plan.estimates
    expect(step?.earliestMs).toBeGreaterThanOrEqual(propagationMs + 60_000)
  })

  test('the plan says what follows each verdict', async () => {
    const site = createSite()
    const { fleet } = site.process({ metrics: { m: metric(async () => []) } })
    const table = async (policy: Partial<Record<`on${Capitalize<keyof VerdictPolicy>}`, 'proceed' | 'abort'>>) =>
      (
        await site.settled(
          fleet.plan({ image: 'img-2', strategy: canary({ weights: [50], analysis: { metrics: [LATENCY], ...policy } }) }),
        )
      ).toString()
    expect(await table({})).toContain('rollback after 1 failed; inconclusive, no data, error: wait 4m, then rollback')
    expect(await table({ onFail: 'abort', onInconclusive: 'proceed' })).toContain(
      'abort after 1 failed; inconclusive: proceed; no data, error: wait 4m, then rollback',
    )
  })
})

describe('an approval', () => {
  const asked = async (more: object = {}) => {
    const site = createSite()
    const { fleet } = site.process()
    const rollout = await site.started(fleet, blueGreen({ bake: '30s', approval: { id: 'go', expires: '10m', ...more } }))
    await site.until(rollout, (event) => event.type === 'approval.requested')
    return { site, rollout }
  }

  test.for([
    ['rollback', 'rolled-back'],
    ['abort', 'aborted'],
    ['proceed', 'promoted'],
  ] as const)('that nobody gives in time leads to %s', async ([then, outcome]) => {
    const { site, rollout } = await asked({ then })
    expect(await site.settled(rollout.run())).toMatchObject({ outcome })
  })

  test('that nobody gives in time can call a person, who has all of the time again', async () => {
    const { site, rollout } = await asked({ then: 'pause' })
    await site.until(rollout, (event) => event.type === 'person.needed')
    await site.settled(rollout.resume())
    await site.turns(rollout, 50)
    expect(rollout.state.paused).toBeUndefined()
    await site.settled(rollout.approve('go'))
    expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted' })
  })

  test('that is given twenty hours later meets no progress deadline', async () => {
    const { site, rollout } = await asked({ expires: '1d' })
    await site.pass(20 * 3_600_000)
    await site.turns(rollout, 3)
    await site.settled(rollout.approve('go'))
    expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted' })
  })

  test('that is rejected goes back, and says by whom', async () => {
    const { site, rollout } = await asked()
    await site.settled(rollout.reject('go', { by: 'bob', comment: 'not on a Friday' }))
    expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'rolled-back', reason: 'bob rejected it' })
    expect(ofType(await site.events(rollout), 'gate.rejected')).toMatchObject([{ by: 'bob', comment: 'not on a Friday' }])
  })

  test.for([
    ['approve', 'approved', 'switch', 'promoted'],
    ['reject', 'rejected', 'return', 'rolled-back'],
  ] as const)(
    'is given once (%s): who comes later is told who was first, before and after it was acted on, and after the end',
    async (given) => {
      const [answer, answered, next, outcome] = given
      const { site, rollout } = await asked()
      await site.settled(rollout[answer]('go', { by: 'ana' }))
      const second = async () => {
        const told = { code: 'request-refused', facts: { why: `ana ${answered} it first` } }
        expect(await site.refused(rollout.approve('go', { by: 'bob' }))).toMatchObject(told)
        expect(await site.refused(rollout.reject('go', { by: 'bob' }))).toMatchObject(told)
      }
      await second()
      await site.until(rollout, (event) => event.type === 'waypoint.entered' && event.waypoint === next)
      await second()
      expect(await site.settled(rollout.run())).toMatchObject({ outcome })
      await second()
      expect((await site.refused(rollout.approve('other'))).message).toContain(`the rollout ended ${outcome}`)
    },
  )

  test('that is not asked for yet is refused as such, whoever tried before', async () => {
    const site = createSite()
    const rollout = await site.started(site.process().fleet, blueGreen({ approval: { id: 'go' } }))
    await site.turns(rollout, 1)
    const why = 'the approval go is not asked for yet'
    for (let time = 0; time < 2; time++)
      expect(await site.refused(rollout.approve('go'))).toMatchObject({ code: 'request-refused', facts: { why } })
  })
})

test('promote with full skips the rest, and the journal says who and why', async () => {
  const site = createSite()
  const approvals = { 67: { id: 'go' } }
  const rollout = await site.started(site.process().fleet, canary({ weights: [34, 67], bake: '5h', approvals }))
  await site.until(rollout, (event) => event.type === 'gate.holding' && event.gate === 'bake')
  const began = site.world.now
  await site.settled(rollout.promote({ full: true, by: 'ana', reason: 'a hotfix' }))
  expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted' })
  expect(site.world.now - began).toBeLessThan(10 * 60_000)
  expect(ofType(await site.events(rollout), 'gate.promoted')).toMatchObject([{ by: 'ana', reason: 'a hotfix', full: true }])
})

test('rollback of what was promoted starts a rollout of the image before, any time later', async () => {
  const site = createSite()
  const rollout = await site.started(site.process().fleet, canary({ weights: [34], bake: '30s' }))
  await site.settled(rollout.run())
  await site.pass(2 * DAY_MS)
  const back = await site.settled(rollout.rollback({ by: 'ana', reason: 'it leaks' }))
  expect(back.id).not.toBe(rollout.id)
  expect(ofType(await site.events(back), 'rollout.started')).toMatchObject([{ by: 'ana', plan: { image: { id: 'img-1' } } }])
  expect(await site.settled(back.run())).toMatchObject({ outcome: 'promoted', image: 'sim:img-1' })
})

describe('a check before traffic moves', () => {
  test.for([
    ['in place', rolling({ verify: ['smoke'] }), { groups: inPlace('web') }, {}],
    ['by count', canary({ weights: [34], verify: ['smoke'] }), {}, { router: { weights: false } }],
    ['without previews', blueGreen({ verify: ['smoke'] }), {}, { router: { preview: false } }],
  ] as const)('%s it asks the candidate, where it shares its route or has no address', async ([, strategy, given, cloud]) => {
    const site = createSite(cloud)
    const asked: (string | undefined)[] = []
    const { fleet } = site.process({ checks: { smoke: ({ endpoint }) => asked.push(endpoint) > 0 }, ...given })
    const rollout = await site.started(fleet, strategy)
    await site.until(rollout, (event) => event.type === 'measurement.taken')
    const candidates = [...site.cloud.truth.groups.values()]
      .flatMap((one) => one.instances)
      .filter((one) => one.machine.image === 'img-2')
    expect(
      candidates.some((one) => asked[0]?.includes(one.machine.id) === true),
      asked[0],
    ).toBe(true)
  })

  test('by weights it asks the route of the candidate alone', async () => {
    const site = createSite()
    const asked: (string | undefined)[] = []
    const { fleet } = site.process({ checks: { smoke: ({ endpoint }) => asked.push(endpoint) > 0 } })
    const rollout = await site.started(fleet, blueGreen({ verify: ['smoke'] }))
    await site.until(rollout, (event) => event.type === 'measurement.taken')
    expect(asked[0]).toMatch(/preview.*web-v001|web-v001.*preview/)
  })

  test('where all slots have one preview, it leads to the one that is filled', async () => {
    const site = createSite({
      fleets: [{ groups: [{ id: 'web', image: 'img-1', size: 3 }], spare: 'web-b' }],
      router: { preview: 'moved' },
    })
    const led: unknown[] = []
    const checks = { smoke: () => led.push(...[...site.cloud.truth.fleets.values()].map((one) => one.previewed)) > 0 }
    const { fleet } = site.process({ checks, groups: slots('web', 'web-b') })
    for (const [image, slot] of [
      ['img-2', 'web-b'],
      ['img-3', 'web'],
    ] as const) {
      const rollout = await site.started(fleet, blueGreen({ verify: ['smoke'], bake: '30s' }), image)
      expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted' })
      expect(led.splice(0)).toEqual([slot])
    }
  })
})
