import { drawScenario, runScenario } from 'imago/testing'
import { describe, expect, test } from 'vitest'

const seed = Number(process.env['IMAGO_SEED'])
/** Seeds of a run of the everyday tests; `npm run simulate -- --seeds N` runs as many as one likes. */
const SEEDS = 1_000

describe('the real engine over drawn scenarios', () => {
  test('no invariant is broken, whatever happens', { timeout: 240_000 }, async () => {
    const violations: string[] = []
    for (let index = 0; index < SEEDS; index++) {
      const result = await runScenario(drawScenario((seed + index) >>> 0))
      for (const one of result.violations) violations.push(`seed ${one.seed}: ${one.invariant}: ${one.what}`)
    }
    expect(violations).toEqual([])
  })

  test('the same seed gives the same run, to the last byte', async () => {
    for (const one of [seed, seed + 7])
      expect((await runScenario(drawScenario(one))).trace()).toBe((await runScenario(drawScenario(one))).trace())
  })

  test('a good image in a calm world is promoted', { timeout: 120_000 }, async () => {
    const others: string[] = []
    for (let index = 0; index < 300; index++) {
      const drawn = drawScenario((seed + index) >>> 0)
      const { faults: _, ...cloud } = drawn.cloud
      const calm = {
        ...drawn,
        cloud,
        deaths: 0,
        controllers: 1,
        storeFaults: 0,
        meddling: [],
        behaviour: { kind: 'good' } as const,
      }
      const { outcome } = await runScenario(calm)
      if (outcome !== 'promoted' && outcome !== 'not started') others.push(`seed ${drawn.seed}: ${outcome}`)
    }
    expect(others).toEqual([])
  })
})
