import { canary, type FleetProvider, type Report, type RolloutEvent } from 'imago'
import { describe, expect, test } from 'vitest'
import { createSite, type Site } from '../kit/index.ts'

const SPEC = { image: 'img-2', strategy: canary({ weights: [34], bake: '30s' }) }

describe('a signal lets go', () => {
  test('of run: the call in flight is abandoned as unknown, nothing is rolled back, and another process goes on', async () => {
    const site = createSite()
    const calls = hanging(site, 'ensureGroup')
    const { fleet } = site.process({ provider: calls.provider })
    const rollout = await site.settled(fleet.plan(SPEC).then((plan) => fleet.start(plan)))
    const gone = new AbortController()
    const began = site.world.now
    site.world.schedule(site.world.now + 35_000, () => gone.abort('going home'))
    const report = await site.settled(rollout.run({ signal: gone.signal }))
    expect(report.outcome).toBe('unfinished')
    expect(site.world.now - began).toBe(35_000)
    expect(calls.signals.map((signal) => [signal.aborted, signal.reason as unknown])).toEqual([[true, 'going home']])
    const events = await journal(site)
    expect(events.at(-1)).toMatchObject({ type: 'command.unknown', message: expect.stringContaining('was let go of') })
    expect(events.filter((event) => /rollback|aborting|paused|finished/.test(event.type))).toEqual([])
    expect(await finishedBy(site, rollout.id)).toMatchObject({ outcome: 'promoted' })
  })

  test('of tick, in the same way', async () => {
    const site = createSite()
    const { fleet } = site.process({ provider: hanging(site, 'ensureGroup').provider })
    const rollout = await site.settled(fleet.plan(SPEC).then((plan) => fleet.start(plan)))
    const gone = new AbortController()
    site.world.schedule(site.world.now + 15_000, () => gone.abort())
    while (!gone.signal.aborted) await site.settled(rollout.tick({ signal: gone.signal }))
    expect((await journal(site)).at(-1)?.type).toBe('command.unknown')
    expect(await finishedBy(site, rollout.id)).toMatchObject({ outcome: 'promoted' })
  })

  test('of a look: the turn ends without a word', async () => {
    const site = createSite()
    const calls = hanging(site, 'describe', 3)
    const { fleet } = site.process({ provider: calls.provider })
    const rollout = await site.settled(fleet.plan(SPEC).then((plan) => fleet.start(plan)))
    const before = await journal(site)
    const gone = new AbortController()
    site.world.schedule(site.world.now + 15_000, () => gone.abort())
    await site.settled(rollout.run({ signal: gone.signal }))
    expect(calls.signals).toHaveLength(1)
    expect(await journal(site)).toEqual(before)
  })

  test('of plan, start, describe and drift', async () => {
    const site = createSite()
    const { fleet: good } = site.process()
    const plan = await site.settled(good.plan(SPEC))
    const { fleet } = site.process({ provider: hanging(site, 'describe').provider })
    for (const attempt of [
      (signal: AbortSignal) => fleet.plan(SPEC, { signal }),
      (signal: AbortSignal) => fleet.start(plan, { signal }),
      (signal: AbortSignal) => fleet.describe({ signal }),
      (signal: AbortSignal) => fleet.drift({ signal }),
      (signal: AbortSignal) => fleet.import({ signal }),
    ]) {
      const gone = new AbortController()
      const reason = new Error('going home')
      site.world.schedule(site.world.now + 5_000, () => gone.abort(reason))
      const failure = await site.settled(attempt(gone.signal).catch((error: unknown) => error))
      expect(failure).toMatchObject({ code: 'call-failed', facts: { class: 'unknown' }, cause: reason })
    }
    expect(await site.store.list('fleet/')).toEqual([])
  })

  test('of ticks of all', async () => {
    const site = createSite()
    const { fleet, imago } = site.process({ provider: hanging(site, 'describe', 3).provider })
    await site.settled(fleet.plan(SPEC).then((plan) => fleet.start(plan)))
    const gone = new AbortController()
    site.world.schedule(site.world.now + 5_000, () => gone.abort())
    const began = site.world.now
    await site.settled(imago.tick({ signal: gone.signal }))
    expect(site.world.now - began).toBe(5_000)
    expect(await site.settled(imago.tick({ signal: gone.signal }))).toMatchObject({ turns: [] })
  })

  test('of events, between two of them and while it waits for the next', async () => {
    const site = createSite()
    const { fleet } = site.process()
    const rollout = await site.settled(fleet.plan(SPEC).then((plan) => fleet.start(plan)))
    for (let turns = 0; turns < 4; turns++) await site.settled(rollout.tick())
    const all = await journal(site)
    const gone = new AbortController()
    site.world.schedule(site.world.now + 5_500, () => gone.abort())
    expect(await site.settled(Array.fromAsync(rollout.events({ signal: gone.signal })))).toEqual(all)
    expect(await site.settled(Array.fromAsync(rollout.events({ signal: gone.signal })))).toEqual([])
    const read: RolloutEvent[] = []
    const leave = new AbortController()
    for await (const event of rollout.events({ signal: leave.signal })) if (read.push(event) === all.length) leave.abort()
    expect(read).toEqual(all)
  })

  test('before anything was begun: no call is made and nothing is written', async () => {
    const site = createSite()
    const { fleet, imago } = site.process()
    const rollout = await site.settled(fleet.plan(SPEC).then((plan) => fleet.start(plan)))
    const { reads, writes } = site.cloud.calls
    const before = await journal(site)
    const signal = AbortSignal.abort()
    expect(await site.settled(rollout.run({ signal }))).toMatchObject({ outcome: 'unfinished' })
    await site.settled(rollout.tick({ signal }))
    await site.settled(imago.tick({ signal }))
    await expect(site.settled(fleet.plan(SPEC, { signal }))).rejects.toMatchObject({ code: 'call-failed' })
    expect([site.cloud.calls.reads, site.cloud.calls.writes]).toEqual([reads, writes])
    expect(await journal(site)).toEqual(before)
  })

  test('and listens to it no longer than it needs to', async () => {
    const site = createSite()
    const { fleet, imago } = site.process()
    const gone = new AbortController()
    let listening = 0
    const { addEventListener, removeEventListener } = gone.signal
    gone.signal.addEventListener = (...given: Parameters<typeof addEventListener>) => {
      listening++
      addEventListener.apply(gone.signal, given)
    }
    gone.signal.removeEventListener = (...given: Parameters<typeof removeEventListener>) => {
      listening--
      removeEventListener.apply(gone.signal, given)
    }
    const { signal } = gone
    const rollout = await site.settled(fleet.plan(SPEC, { signal }).then((plan) => fleet.start(plan, { signal })))
    await site.settled(rollout.tick({ signal }))
    await site.settled(imago.tick({ signal }))
    await site.settled(rollout.run({ signal }))
    await site.settled(Array.fromAsync(rollout.events({ signal })))
    expect(listening).toBe(0)
  })
})

describe('close', () => {
  test('lets go of everything that is under way, waits for it, and then closes the store', async () => {
    const site = createSite()
    let closed = 0
    const store = { ...site.store, close: async () => void closed++ }
    const { fleet, imago } = site.process({ store, provider: hanging(site, 'ensureGroup').provider })
    const rollout = await site.settled(fleet.plan(SPEC).then((plan) => fleet.start(plan)))
    const running = rollout.run().then((report) => [report.outcome, closed])
    const following = Array.fromAsync(rollout.events()).then((events) => events.length)
    await site.pass(15_000)
    await site.settled(Promise.all([imago.close(), imago[Symbol.asyncDispose]()]))
    expect(await running).toEqual(['unfinished', 0])
    expect(await following).toBeGreaterThan(5)
    expect(closed).toBe(1)
    expect(await finishedBy(site, rollout.id)).toMatchObject({ outcome: 'promoted' })
  })

  test('leaves no timer on the clock', async () => {
    const site = createSite()
    const { fleet, imago } = site.process()
    const rollout = await site.settled(fleet.plan(SPEC).then((plan) => fleet.start(plan)))
    void rollout.run()
    void Array.fromAsync(rollout.events())
    await site.pass(15_000)
    let sleeping = 0
    const { clock } = site.world
    const other = site.process({
      clock: {
        ...clock,
        sleep: async (ms, signal) => {
          sleeping++
          await clock.sleep(ms, signal)
          sleeping--
        },
      },
    })
    await site.settled(imago.close())
    const found = await site.settled(other.imago.rollout(rollout.id))
    void found.run()
    void Array.fromAsync(found.events())
    await site.pass(40_000)
    expect(sleeping).toBeGreaterThan(0)
    await site.settled(other.imago.close())
    expect(sleeping).toBe(0)
  })

  test('afterwards everything is refused by name', async () => {
    const site = createSite()
    const { fleet, imago } = site.process()
    const plan = await site.settled(fleet.plan(SPEC))
    const rollout = await site.settled(fleet.start(plan))
    await imago.close()
    const attempts = [
      () => imago.rollout(rollout.id),
      () => imago.tick(),
      () => imago.sweep(),
      () => fleet.plan(SPEC),
      () => fleet.start(plan),
      () => fleet.roll(SPEC),
      () => fleet.describe(),
      () => fleet.history(),
      () => fleet.import(),
      () => rollout.run(),
      () => rollout.tick(),
      () => rollout.report(),
      () => rollout.pause(),
      () => rollout.rollback(),
    ]
    for (const attempt of attempts) await expect(attempt(), String(attempt)).rejects.toMatchObject({ code: 'closed' })
    expect(await Array.fromAsync(rollout.events())).toEqual([])
  })
})

test('two instances in one process share only what they were both given', async () => {
  const site = createSite()
  const [one, two] = [site.process({ controller: 'one' }), site.process({ controller: 'two' })]
  const rollout = await site.settled(one.fleet.plan(SPEC).then((plan) => one.fleet.start(plan)))
  const heard: string[] = []
  const same = await site.settled(two.imago.rollout(rollout.id))
  same.onAny((event) => void heard.push(event.type))
  const running = rollout.run()
  await site.pass(15_000)
  // The store is shared: each sees the other as it sees any process.
  await expect(site.settled(same.tick())).rejects.toMatchObject({ code: 'driven-elsewhere', facts: { controller: 'one' } })
  await site.settled(one.imago.close())
  expect((await running).outcome).toBe('unfinished')
  expect((await site.settled(same.run())).outcome).toBe('promoted')
  expect(heard).toContain('rollout.finished')
  // With a store of its own it knows nothing of the other.
  const apart = site.process({ store: site.newStore() })
  await expect(site.settled(apart.imago.rollout(rollout.id))).rejects.toMatchObject({ code: 'rollout-not-found' })
})

async function journal({ store }: Site): Promise<RolloutEvent[]> {
  const [stream = ''] = await store.list('fleet/')
  return (await store.read(stream, 1)).map((entry) => entry['event'] as unknown as RolloutEvent)
}

async function finishedBy(site: Site, id: string): Promise<Report> {
  const { imago } = site.process()
  return await site.settled(imago.rollout(id).then((found) => found.run()))
}

/** A provider one of whose calls never answers, and does not heed its signal either, from the nth on. */
function hanging(site: Site, name: 'describe' | 'ensureGroup', from = 1) {
  const signals: AbortSignal[] = []
  let count = 0
  const call = site.cloud.provider[name] as (...given: unknown[]) => Promise<unknown>
  const provider = {
    ...site.cloud.provider,
    [name]: (...given: unknown[]) => {
      if (++count < from) return call(...given)
      signals.push((given.at(-1) as { signal: AbortSignal }).signal)
      return new Promise(() => undefined)
    },
  } as FleetProvider
  return { provider, signals }
}
