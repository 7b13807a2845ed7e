import { blueGreen, defineStrategy, rolling, type MetricSource, type Waypoint } from 'imago'
import { expect, test } from 'vitest'
import { createSite } from '../kit/index.ts'

const metrics = { m: { contract: 1, kind: 'none', read: async () => [] } satisfies MetricSource }

test('every deadline stands in the table with what follows', async () => {
  const site = createSite({ readyDeadlineMs: 240_000 })
  const { fleet } = site.process({
    metrics,
    checks: { smoke: () => true },
    spec: { drain: { hook: { http: '/drain' }, deadline: '7m' } },
  })
  const strategy = blueGreen({
    verify: ['smoke'],
    verifyDeadline: '3m',
    approval: { id: 'go', expires: '36h', then: 'abort' },
    analysis: { metrics: [{ source: 'm', query: 'rate', must: { op: '<', value: 1 } }], deadline: '11m', onNoData: 'pause' },
    failureLimit: 4,
  })
  const plan = await site.settled(fleet.plan({ image: 'img-2', strategy, expires: '2h' }))
  const text = plan.toString()
  for (const line of [
    /verify-smoke .* rollback after 3m$/,
    /go .* abort after 1d12h$/,
    /analysis .* rollback after 1 failed; inconclusive, error: wait 11m, then rollback; no data: pause$/,
    /^1–2 +4m without progress +rollback$/,
    /^3 +4m without progress +pause$/,
    /^1–3 +more than 4 failed launches or deaths +rollback$/,
    /^way back +4m without progress +rollback-failed$/,
    /^drain: requests end within 30s of leaving the routes, then \/drain says yes within 7m; else remove$/,
  ])
    expect(
      text.split('\n').filter((one) => line.test(one)),
      String(line),
    ).toHaveLength(1)
  expect(text).toContain(`may be started until ${new Date(plan.createdAt + 7_200_000).toISOString()}`)
})

test('no deadline of a waypoint is left out, whatever the strategy', async () => {
  const site = createSite()
  const { fleet } = site.process()
  const rolls = rolling()
  let minutes = 1
  const timed = (one: Waypoint): Waypoint => ({ ...one, progressDeadlineMs: 60_000 * minutes++ })
  const strategy = defineStrategy({
    name: 'timed',
    version: 1,
    options: {},
    plan(_options, context) {
      const course = rolls.plan(context)
      return { ...course, waypoints: course.waypoints.map(timed), back: course.back.map(timed) }
    },
  })
  const plan = await site.settled(fleet.plan({ image: 'img-2', strategy }))
  const shown = [...plan.toString().matchAll(/(\d+)m without progress/g)].map((found) => Number(found[1]))
  expect(shown).toEqual([...plan.waypoints, ...plan.back].map((one) => one.progressDeadlineMs / 60_000))
})

test('the deadline of a draining hook is what the provider says instances may take, unless the fleet has one', async () => {
  const site = createSite({ drainDeadlineMs: 720_000, router: false })
  const planned = async (deadline: object) => {
    const { fleet } = site.process({ spec: { drain: { hook: { http: '/drain' }, ...deadline } } })
    return await site.settled(fleet.plan({ image: 'img-2', strategy: rolling() }))
  }
  const usual = await planned({})
  expect(usual.drain.deadlineMs).toBe(720_000)
  expect(usual.toString()).toMatch(/^drain: \/drain says yes within 12m; else remove$/m)
  expect((await planned({ deadline: '7m' })).toString()).toMatch(/^drain: \/drain says yes within 7m; else remove$/m)
})

test('the deadline of progress is what the provider says instances may take, unless another is given', async () => {
  const site = createSite({ readyDeadlineMs: 240_000 })
  const { fleet } = site.process()
  const plan = await site.settled(fleet.plan({ image: 'img-2', strategy: rolling() }))
  expect(new Set([...plan.waypoints, ...plan.back].map((one) => one.progressDeadlineMs))).toEqual(new Set([240_000]))
  const other = await site.settled(fleet.plan({ image: 'img-2', strategy: rolling({ progressDeadline: '9m' }) }))
  expect(new Set([...other.waypoints, ...other.back].map((one) => one.progressDeadlineMs))).toEqual(new Set([540_000]))
})

test('a route that no group is joined to, and that no journal knows of, is named: it stays as it is', async () => {
  const site = createSite()
  const { fleet } = site.process()
  const first = await site.settled(fleet.plan({ image: 'img-2', strategy: blueGreen() }))
  expect(first.notes.join(' ')).not.toContain('nothing says whose it is')
  const target = { name: 'web', placement: first.fleet.placement, id: first.fleet.id, handles: [] }
  const router = site.cloud.router as NonNullable<typeof site.cloud.router>
  await site.settled(router.prepare(target, 'old', { signal: new AbortController().signal, token: 'ada' }))
  await site.pass(60_000)
  const plan = await site.settled(fleet.plan({ image: 'img-2', strategy: blueGreen() }))
  expect(plan.notes).toContain('No group is joined to the route old and nothing says whose it is: it stays.')
  expect(plan.toString()).toContain('the route old')
})
