import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { callFailed, CALLS_CHANNEL, canary, clone, createImago, rolling, type CallRecord, type Logger, type Rollout } from 'imago'
import { expect, onTestFinished, test } from 'vitest'
import { createSite, processOn, type ProcessSetUp, type Site } from '../kit/index.ts'

const STRATEGY = canary({
  weights: [34],
  bake: '30s',
  verify: ['answers'],
  analysis: { metrics: [{ source: 'world', query: 'error-rate', must: { op: '<', value: 0.05 } }], interval: '30s', count: 2 },
})
const SPEC: ProcessSetUp['spec'] = {
  health: { probes: [{ check: 'answers' }] },
  drain: { hook: { check: 'drained' }, deadline: '1m' },
}

const TARGETS: Readonly<Record<CallRecord['port'], string>> = {
  provider: 'cloud',
  router: 'sim',
  store: 'memory',
  metric: 'world',
  check: 'answers',
  probe: 'answers',
  drain: 'drained',
}

test('every call of every port is published, with whom it asked what, for which fleet, and how it went, and nothing else', async () => {
  const site = createSite({ latencyMs: [5, 5] })
  const made = counting(site)
  const records = listen()
  const { rollout } = await rolled(site, { ...made.ports, spec: SPEC })
  const published = Object.groupBy(records, (record) => record.port)
  for (const [port, count] of Object.entries(made.counts)) expect(published[port as CallRecord['port']], port).toHaveLength(count)
  expect(names(published.provider)).toEqual(['describe', 'ensure-group', 'hold', 'release', 'resize', 'resolve', 'retire'])
  expect(names(published.router)).toEqual(['leave', 'look', 'prepare', 'release-route', 'set-weights'])
  expect(names(published.store)).toEqual(['append', 'compareAndSet', 'get', 'now', 'read'])
  expect(names(published.metric)).toEqual(['read'])
  for (const port of ['check', 'probe', 'drain'] as const) expect(names(published[port])).toEqual(['ask'])
  for (const record of records) {
    const { port, target, name, fleet, rolloutId, attempt, ms, outcome, ...more } = record
    expect([target, attempt, outcome, more]).toEqual([TARGETS[port], 1, 'ok', {}])
    if (port !== 'store') expect(fleet).toBe('web')
    // Planning is no rollout's, and asks these.
    if (port !== 'store' && port !== 'probe' && !['resolve', 'describe', 'look'].includes(name))
      expect(rolloutId).toBe(rollout.id)
    expect(ms).toBe(port === 'provider' || port === 'router' ? 5 : 0)
  }
})

test('two providers and two fleets in one process are told apart, and their rollouts', async () => {
  const site = createSite({ fleets: ['web', 'api'].map((id) => ({ groups: [{ id, image: 'img-1', size: 2 }] })) })
  const { provider } = site.cloud
  const imago = createImago({ ...processOn(site, 'first'), providers: { east: provider, west: provider } })
  const fleets = { east: 'web', west: 'api' } as const
  const rollouts: Record<string, string> = {}
  for (const [name, adopt] of Object.entries(fleets)) {
    const fleet = imago.fleet(adopt, { provider: name as keyof typeof fleets, groups: clone({ adopt }) })
    rollouts[name] = (await site.started(fleet, rolling())).id
  }
  const records = listen()
  for (let turn = 0; turn < 3; turn++) await site.settled(imago.tick().then(() => site.world.clock.sleep(10_000)))
  const calls = Object.groupBy(records, (record) => record.port)
  expect(Object.keys(calls).sort()).toEqual(['provider', 'store'])
  const seen = (calls.provider ?? []).map(({ target, fleet, rolloutId }) => [target, fleet, rolloutId].join())
  expect(new Set(seen)).toEqual(new Set([`east,web,${rollouts['east']}`, `west,api,${rollouts['west']}`]))
  const appends = (calls.store ?? [])
    .filter((one) => one.name === 'append')
    .map(({ fleet, rolloutId }) => [fleet, rolloutId].join())
  expect(new Set(appends)).toEqual(new Set([`web,${rollouts['east']}`, `api,${rollouts['west']}`]))
})

test('what failed says how, and a repeated call says which attempt it is', async () => {
  const site = createSite()
  const records = listen()
  const failing = { times: 2 }
  const describe: ProcessSetUp['provider'] = {
    async describe(target, context) {
      if (failing.times-- > 0) throw callFailed('throttled', 'describe', 'Not so fast.', { retryAfterMs: 100 })
      return await site.cloud.provider.describe(target, context)
    },
    ensureGroup: () => Promise.reject(new Error('unclassified')),
  }
  const { fleet } = site.process({ ...registered(site), provider: describe })
  const plan = await site.settled(fleet.plan({ image: 'img-2', strategy: STRATEGY }))
  expect(records.filter((one) => one.name === 'describe').map((one) => [one.attempt, one.outcome])).toEqual([
    [1, 'throttled'],
    [2, 'throttled'],
    [3, 'ok'],
  ])
  const rollout = await site.settled(fleet.start(plan))
  while (!records.some((one) => one.name === 'ensure-group')) await site.settled(rollout.tick())
  expect(records.filter((one) => one.name === 'ensure-group')).toMatchObject([{ attempt: 1, outcome: 'unknown' }])
})

test('a call that never ends is published when nobody waits for it any more', async () => {
  const site = createSite()
  const records = listen()
  const { fleet } = site.process({ provider: { describe: () => new Promise(() => undefined) } })
  await expect(site.settled(fleet.describe())).rejects.toMatchObject({ facts: { class: 'unknown' } })
  expect(records.filter((one) => one.name === 'describe')).toMatchObject([{ attempt: 1, ms: 60_000, outcome: 'unknown' }])
})

test('a logger gets the calls at debug, the events at info, and what went wrong above', async () => {
  const site = createSite()
  const records = listen()
  const said: Record<keyof Logger, { facts: object; message: string }[]> = { debug: [], info: [], warn: [], error: [] }
  const level = (name: keyof Logger) => (facts: object, message: string) => void said[name].push({ facts, message })
  const log = { debug: level('debug'), info: level('info'), warn: level('warn'), error: level('error') }
  const { rollout, events } = await rolled(site, { log }, (one) =>
    one.on('rollout.finished', () => Promise.reject(new Error('no'))),
  )
  expect(said.debug.map((one) => one.facts)).toEqual(records)
  expect(said.debug[0]?.message).toBe('store memory: get ok')
  expect(said.info.map((one) => one.message)).toEqual(events.map((event) => event.type))
  expect(said.info[0]?.facts).toEqual({ ...events[0], plan: rollout.state.plan.id })
  expect(said.info.slice(1).map((one) => one.facts)).toEqual(events.slice(1))
  expect(said.warn).toEqual([])
  expect(said.error.map((one) => one.message)).toEqual(['A listener of rollout.finished failed: no'])
})

test('without a logger and without a subscriber nothing is measured', async () => {
  const off = await clockReadings()
  const records = listen()
  const on = await clockReadings()
  expect(records.length).toBeGreaterThan(100)
  expect(on - off).toBe(2 * records.length)
})

/** How often a whole rollout reads the clock that calls are measured by. */
async function clockReadings(): Promise<number> {
  const site = createSite()
  let readings = 0
  const { clock } = site.world
  await rolled(site, { clock: { ...clock, monotonic: () => (readings++, clock.monotonic()) } })
  return readings
}

async function rolled(site: Site, setUp: ProcessSetUp, before: (rollout: Rollout) => void = () => undefined) {
  const { fleet } = site.process({ ...registered(site), ...setUp })
  const rollout = await site.started(fleet, STRATEGY)
  before(rollout)
  const report = await site.settled(rollout.run())
  expect(report.outcome).toBe('promoted')
  return { rollout, events: await site.events(rollout) }
}

/** What the strategy and the fleet name. */
function registered({ cloud }: Site): ProcessSetUp {
  const { answers, drained } = cloud.checks
  return { checks: { answers, drained }, metrics: { world: cloud.metrics } }
}

/** Records published from now to the end of the test. */
function listen(): CallRecord[] {
  const records: CallRecord[] = []
  const take = (record: unknown) => void records.push(record as CallRecord)
  subscribe(CALLS_CHANNEL, take)
  onTestFinished(() => void unsubscribe(CALLS_CHANNEL, take))
  return records
}

/** The ports of a site, which count their calls. */
function counting({ cloud, store }: Site) {
  const counts = { provider: 0, router: 0, store: 0, metric: 0 }
  const counted = <Port extends object>(name: keyof typeof counts, port: Port): Port =>
    Object.fromEntries(
      Object.entries(port).map(([key, member]: [string, unknown]) => [
        key,
        typeof member === 'function'
          ? (...given: unknown[]) => {
              counts[name]++
              return (member as (...all: unknown[]) => unknown)(...given)
            }
          : member,
      ]),
    ) as Port
  const ports = {
    provider: counted('provider', cloud.provider),
    router: counted('router', cloud.router ?? expect.fail()),
    store: counted('store', store),
    metrics: { world: counted('metric', cloud.metrics) },
  }
  return { counts, ports }
}

function names(records: readonly CallRecord[] | undefined): string[] {
  return [...new Set(records?.map((record) => record.name))].sort()
}
