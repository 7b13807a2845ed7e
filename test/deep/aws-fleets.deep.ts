import { expect, test } from 'vitest'
import { manyFleets } from '../aws/many-fleets.ts'

test('of a thousand fleets fifty are rolled for an hour: nobody is throttled, and idle ones cost nothing', async () => {
  const { turns, looks, mostGroupReads, otherReads, throttled, outcomes } = await manyFleets({
    fleets: 1_000,
    rolling: 50,
    forMs: 3_600_000,
  })
  console.log(
    `${turns} turns, ${looks} looks, ${mostGroupReads} group reads at most in ten seconds, ${otherReads} other reads a look`,
  )
  expect(throttled).toEqual([])
  expect(new Set(outcomes)).toEqual(new Set(['promoted']))
  expect(mostGroupReads).toBeLessThanOrEqual(20)
  expect(otherReads).toBeLessThan(4)
})
