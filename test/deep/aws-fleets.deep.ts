import { expect, test } from 'vitest'
import { manyFleets } from '../aws/many-fleets.ts'

test('of a thousand fleets fifty are rolled for an hour: nobody is throttled, and idle ones cost nothing', async () => {
  const { turns, looks, calls, mostGroupReads, otherReads, throttled, outcomes } = await manyFleets({
    fleets: 1_000,
    rolling: 50,
    forMs: 3_600_000,
  })
  console.log(`${turns} turns, ${looks} looks, ${mostGroupReads} group reads in one turn, ${otherReads} other reads a look`)
  expect(throttled).toEqual([])
  expect(new Set(outcomes)).toEqual(new Set(['promoted']))
  expect(calls['autoScaling.DescribeAutoScalingGroups']! / turns).toBeLessThanOrEqual(20)
  expect(otherReads).toBeLessThan(4)
})
