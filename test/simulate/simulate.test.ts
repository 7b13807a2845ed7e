import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { canary, clone } from 'imago'
import { CALM, drawScenario, simulate, type Playground } from 'imago/testing'
import { describe, expect, test } from 'vitest'
import { simulatedCloud } from '../../src/testing/simulate/playground.ts'

const seed = Number(process.env['IMAGO_SEED'])
/** Seeds of a run of the everyday tests; the deep ones run 5,000, and `npm run simulate -- --seeds N` as one likes. */
const SEEDS = 200
/** An abort right after the claim was seen, and a look that is older: the claim was taken for gone and stayed for ever. */
const UNSEEN_CLAIM = 4_202_856_883
/** A second attempt, sent late by a process that stood still: what became of it was concluded before anybody could see it. */
const LATE_ATTEMPT = 2_240_002_635
/** In place, an autoscaler: two size writes to one group in one turn were taken for somebody's wish for more, without end. */
const TWO_WRITES = 1_231_650_731
/** Stable deleted, the rest broken: group and route were shown as of different moments, and the checker took one for both. */
const TWO_MOMENTS = 1_108_674_757
/** On the way back to a slot that is deleted: an autoscaler fed the other one, and each removal was taken for progress. */
const FED_ON_THE_WAY_BACK = 2_873_643_638
/** An answer was lost by a process that stood still before it called: the claim landed after the end. */
const LOST_LATE = 993_321
/** Stable's slot emptied by a person before the first look, so that the fleet seemed to need nothing: no growth was ever believed. */
const NEEDED_NOTHING = 1_046_802_804
/** The same as in FED_ON_THE_WAY_BACK, with time to drain: each new wait made the time before it be forgotten. */
const WAITED_AGAIN = 1_046_804_943
/** The cloud's own updater had replaced all, and some were not well: it was set to work again and again, and each time taken for progress. */
const NOTHING_TO_REPLACE = 712_944_201
/** Back to a slot in which somebody still served: others went because of it, then the guard let it not go, and one refusal of the cloud was waited out for ever. */
const SERVED_TOO_LONG = 3_126_764_768
/** An attempt that was answered came to nothing, and the lost one before it was forgotten: it emptied the slot that was filled again. */
const EARLIER_ATTEMPT = 880_493
/** Rebuilt with its old claim taken over, and sent back before it had claimed anything: it had nothing to undo, and the old claim stayed. */
const NOTHING_TO_UNDO = 7_001_098

describe('the real engine over drawn scenarios', () => {
  test('no invariant is broken, whatever happens', { timeout: 240_000 }, async () => {
    const violations: string[] = []
    for (const one of [
      UNSEEN_CLAIM,
      LATE_ATTEMPT,
      TWO_MOMENTS,
      FED_ON_THE_WAY_BACK,
      LOST_LATE,
      NEEDED_NOTHING,
      WAITED_AGAIN,
      NOTHING_TO_REPLACE,
      SERVED_TOO_LONG,
      EARLIER_ATTEMPT,
      NOTHING_TO_UNDO,
      ...Array.from({ length: SEEDS }, (_, index) => (seed + index) >>> 0),
    ]) {
      const { spec, model } = drawScenario(one)
      const result = await simulate(spec, model)
      for (const { invariant, what } of result.violations) violations.push(`seed ${one}: ${invariant}: ${what}`)
    }
    expect(violations).toEqual([])
  })

  test('the same seed gives the same run, to the last byte', async () => {
    for (const one of [seed, seed + 7].map(drawScenario))
      expect((await simulate(one.spec, one.model)).trace()).toBe((await simulate(one.spec, one.model)).trace())
  })

  test('nobody remembers a run that is over, though processes died in it', async () => {
    const worlds: WeakRef<object>[] = []
    for (let index = 0; worlds.length < 5; index++) {
      const world = await worldOfDeaths((seed + index) >>> 0)
      if (world !== undefined) worlds.push(world)
    }
    const remembered = () => worlds.filter((world) => world.deref() !== undefined).length
    // The interpreter may hold the one that it had last in its hands.
    for (let breaths = 0; breaths < 20 && remembered() > 1; breaths++) {
      await setImmediate()
      collect()
    }
    expect(remembered()).toBeLessThanOrEqual(1)
  })

  test('a router with few units rounds shares up, and gets as many instances as they come to', async () => {
    for (const size of [1, 2, 3, 4, 6, 10]) {
      const { model } = drawScenario(seed)
      const calm = { ...model, cloud: { router: { units: 10 } }, controllers: 1, trouble: CALM, demand: () => 1 }
      const spec = {
        size,
        groups: clone({ adopt: 'web' }),
        floor: '100%',
        strategy: canary({ weights: [5, 25, 50], bake: '30s' }),
      } as const
      const { outcome, violations } = await simulate(spec, { ...calm, behaviour: { kind: 'good' } })
      expect({ outcome, violations }, `${size} instances`).toEqual({ outcome: 'promoted', violations: [] })
    }
  })

  test('what an adapter leaves that no look shows breaks the invariant that it is about', async () => {
    const left = [
      { kind: 'held', on: 'web', what: 'web protects its instances' },
      { kind: 'made', on: 'web-v009', what: 'nothing launches from web-v009' },
    ] as const
    const open: Playground['open'] = async (...given) => ({ ...(await simulatedCloud.open(...given)), traces: () => left })
    const { model } = drawScenario(seed)
    const spec = {
      size: 3,
      groups: clone({ adopt: 'web' }),
      floor: '100%',
      strategy: canary({ weights: [34], bake: '30s' }),
    } as const
    const calm = { ...model, cloud: {}, controllers: 1, trouble: CALM, demand: () => 1, behaviour: { kind: 'good' } as const }
    const { violations } = await simulate(spec, calm, { ...simulatedCloud, open })
    expect(violations.map(({ invariant, what }) => [invariant, what])).toEqual([
      ['I21', 'web protects its instances'],
      ['I7', 'nothing launches from web-v009 after promoted'],
    ])
  })

  test('a good image in a calm world is promoted', { timeout: 120_000 }, async () => {
    const others: string[] = []
    for (const one of [TWO_WRITES, ...Array.from({ length: 80 }, (_, index) => (seed + index) >>> 0)]) {
      const { spec, model } = drawScenario(one)
      const { faults: _, ...cloud } = model.cloud
      const calm = { ...model, cloud, controllers: 1, trouble: CALM, behaviour: { kind: 'good' } as const }
      const { outcome } = await simulate(spec, calm)
      if (outcome !== 'promoted' && outcome !== 'not started') others.push(`seed ${model.seed}: ${outcome}`)
    }
    expect(others).toEqual([])
  })
})

/** What only a run itself remembers, if a process has died in it. */
async function worldOfDeaths(one: number): Promise<WeakRef<object> | undefined> {
  const { spec, model } = drawScenario(one)
  const { crashes } = await simulate(spec, model)
  return crashes > 0 ? new WeakRef(model) : undefined
}

/** The engine's own collector, which is hidden unless asked for. */
function collect(): void {
  setFlagsFromString('--expose-gc')
  const now = runInNewContext('gc') as () => void
  now()
}
