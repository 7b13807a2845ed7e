import { blueGreen, canary, type Fleet, type Imago, type Rollout, type RolloutStore } from 'imago'
import { describe, expect, test } from 'vitest'
import { createSite, hangingStore, ofType, type Site } from '../kit/index.ts'

const SPEC = { image: 'img-2', strategy: canary({ weights: [34], bake: '30s' }) }
/** What the store is given for the journal's last word. */
const LAST_WORDS_MS = 2_000
const LEAVES_MS = 25_000

interface Scene {
  readonly site: Site
  readonly imago: Imago
  readonly fleet: Fleet
  readonly rollout: Rollout
  readonly hangs: Set<string>
}

/** A rollout that is a few turns old, in a store that can hang. */
async function scene(): Promise<Scene> {
  const site = createSite()
  const { store, hangs } = hangingStore(site.store)
  const { imago, fleet } = site.process({ store })
  const rollout = await site.started(fleet, SPEC.strategy)
  await site.turns(rollout, 3)
  return { site, imago, fleet, rollout, hangs }
}

const WAYS: Readonly<Record<string, (scene: Scene, signal: AbortSignal) => Promise<unknown>>> = {
  run: ({ rollout }, signal) => rollout.run({ signal }),
  tick: async ({ rollout, site }, signal) => {
    while (!signal.aborted) {
      await rollout.tick({ signal })
      await site.world.clock.sleep(1_000, signal)
    }
  },
  'tick of all': async ({ imago, site }, signal) => {
    while (!signal.aborted) {
      await imago.tick({ signal })
      await site.world.clock.sleep(1_000, signal)
    }
  },
  plan: ({ fleet }, signal) => fleet.plan(SPEC, { signal }),
  events: ({ rollout }, signal) => Array.fromAsync(rollout.events({ signal })),
  roll: ({ fleet }, signal) => fleet.roll(SPEC, { signal }),
  describe: ({ fleet }, signal) => fleet.describe({ signal }),
}

describe('a store that hangs is let go of', () => {
  test.for(
    Object.keys(WAYS).flatMap((way) =>
      ['read', 'append', 'now', 'get', 'list', 'compareAndSet'].map((call) => [way, call] as const),
    ),
  )('by a signal: %s, %s', async ([way, call]) => {
    const set = await scene()
    const { site, rollout, hangs } = set
    hangs.add(call)
    const gone = new AbortController()
    site.world.schedule(site.world.now + LEAVES_MS, () => gone.abort('going home'))
    const began = site.world.now
    const ended = await site.settled(
      (WAYS[way] ?? expect.fail())(set, gone.signal).then(
        () => 'ended',
        (error: unknown) => error,
      ),
    )
    expect(site.world.now - began).toBeLessThanOrEqual(LEAVES_MS + LAST_WORDS_MS)
    if (site.world.now - began >= LEAVES_MS && ended !== 'ended')
      expect(ended).toMatchObject({ code: 'call-failed', cause: 'going home' })
    hangs.clear()
    expect(await finished(site, rollout)).toBe('promoted')
  })

  test('by a signal: whoever lets go of a run is told how far it has come, though the store reads no more', async () => {
    const { site, rollout, hangs } = await scene()
    const gone = new AbortController()
    const running = rollout.run({ signal: gone.signal })
    const waiting = Promise.withResolvers<void>()
    rollout.on('waypoint.entered', () => {
      for (const call of ['read', 'append', 'now', 'get', 'list', 'compareAndSet']) hangs.add(call)
      gone.abort('going home')
      waiting.resolve()
    })
    await site.settled(waiting.promise)
    const report = await site.settled(running)
    expect(report).toMatchObject({ outcome: 'unfinished', rolloutId: rollout.id })
    expect(report.waypoints.length).toBeGreaterThan(1)
  })

  test.for(['read', 'append', 'now', 'get', 'compareAndSet'])('by close: %s', async (call) => {
    const { site, imago, fleet, rollout, hangs } = await scene()
    hangs.add(call)
    const doing = [
      rollout.run(),
      Array.fromAsync(rollout.events()),
      fleet.plan(SPEC),
      rollout.pause(),
      imago.rollout('web#1'),
      fleet.history(),
    ]
    const all = Promise.allSettled(doing)
    await site.pass(LEAVES_MS)
    const began = site.world.now
    await site.settled(imago.close())
    expect(site.world.now - began).toBeLessThanOrEqual(LAST_WORDS_MS)
    await site.settled(all)
    hangs.clear()
    expect(await finished(site, rollout, true)).toBe('promoted')
  })

  test('and an event that lands when nobody waits for it any more is where the next turn goes on', async () => {
    const site = createSite()
    let landing: (() => Promise<unknown>) | undefined
    let holds = false
    const store: RolloutStore = {
      ...site.store,
      async append(...given) {
        if (holds) {
          holds = false
          landing = () => site.store.append(...given)
          return await new Promise(() => undefined)
        }
        // After the next turn has read the journal, before it writes.
        await landing?.()
        landing = undefined
        return await site.store.append(...given)
      },
    }
    const { fleet } = site.process({ store })
    const rollout = await site.started(fleet, blueGreen({ bake: '1m' }))
    await site.turns(rollout, 3)
    holds = true
    const gone = new AbortController()
    site.world.schedule(site.world.now + LEAVES_MS, () => gone.abort())
    expect(await site.settled(rollout.run({ signal: gone.signal }))).toMatchObject({ outcome: 'unfinished' })
    expect(landing).toBeDefined()
    expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted' })
    expect(ofType(await site.events(rollout), 'controller.took-over')).toHaveLength(1)
  })
})

test('a rollout whose loading was let go of is loaded anew', async () => {
  const site = createSite()
  const { store, hangs } = hangingStore(site.store)
  const journaled = new AbortController()
  const noting: RolloutStore = {
    ...store,
    async append(...given) {
      const result = await site.store.append(...given)
      hangs.add('read')
      site.world.schedule(site.world.now + 5_000, () => journaled.abort('going home'))
      return result
    },
  }
  const { imago, fleet } = site.process({ store: noting })
  const plan = await site.settled(fleet.plan(SPEC))
  expect(await site.refused(fleet.start(plan, { signal: journaled.signal }), 'call-failed')).toMatchObject({
    cause: 'going home',
  })
  hangs.clear()
  const [stream = ''] = await site.store.list('fleet/')
  const rollout = await site.settled(imago.rollout(`${stream.slice('fleet/'.length)}#1`))
  expect(rollout.state.plan.id).toBe(plan.id)
})

/** What another process makes of it, once the store answers. */
async function finished(site: Site, rollout: Rollout, paused = false): Promise<string> {
  await site.pass(60_000)
  const found = await site.settled(site.process().imago.rollout(rollout.id))
  if (paused) await site.settled(found.resume().catch(() => undefined))
  return (await site.settled(found.run())).outcome
}
