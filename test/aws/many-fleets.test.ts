import { expect, test } from 'vitest'
import { manyFleets } from './many-fleets.ts'

test(
  'rollouts side by side share their reads, idle fleets cost nothing, and nobody is throttled',
  { timeout: 60_000 },
  async () => {
    const { mostGroupReads, calls, throttled } = await manyFleets({ fleets: 30, rolling: 8, forMs: 3 * 60_000 })
    expect(throttled).toEqual([])
    // By mark and by name, for eight fleets at once, and for the changes of a turn.
    expect(mostGroupReads).toBeLessThanOrEqual(20)
    expect(calls['elb.DescribeTags']).toBeLessThan(calls['elb.DescribeRules']! / 2)
  },
)
