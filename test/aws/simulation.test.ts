import { simulate } from 'imago/testing'
import { expect, test } from 'vitest'
import { awsPlayground, drawAwsScenario } from './simulation/index.ts'
import { testTheWire } from './site.ts'

const seed = Number(process.env['IMAGO_SEED'])
/** Seeds of a run of the everyday tests; `npm run verify` runs 200, the deep tests 5,000, and `npm run simulate -- --on aws --seeds N` as one likes. */
const SEEDS = 60
/** An instance refresh was cancelled with one instance more than the size: what AWS chose to end was one that served. */
const SURPLUS = 486

test(
  'no invariant is broken on AWS, whatever happens to its calls, its instances, and whoever drives',
  { timeout: 600_000 },
  async () => {
    const violations: string[] = []
    for (const one of [SURPLUS, ...Array.from({ length: SEEDS }, (_, index) => (seed + index) >>> 0)]) {
      const { spec, model } = drawAwsScenario(one)
      const result = await simulate(spec, model, awsPlayground)
      for (const { invariant, what } of result.violations) violations.push(`seed ${one}: ${invariant}: ${what}`)
    }
    expect(violations).toEqual([])
  },
)

testTheWire()
