import { expect, test } from 'vitest'
import { manyFleets, type Load } from '../gcp/many-fleets.ts'

/** Requests of a project that Google answers in a minute, at the least. */
const QUOTA = 1_500
const ROLLED = { rolling: 10, forMs: 20 * 60_000 }

test('of a thousand groups ten are rolled within the quota of a project, and the others cost a page of a list now and then', async () => {
  const few = await manyFleets({ fleets: ROLLED.rolling, ...ROLLED })
  const many = await manyFleets({ fleets: 500, ...ROLLED })
  for (const load of [few, many]) {
    const { turns, looks, mostAMinute, outcomes } = load
    console.log(
      `${turns} turns, ${looks} looks, ${perLook(load, () => true).toFixed(1)} requests a look, ${mostAMinute} a minute at most`,
    )
    expect(new Set(outcomes)).toEqual(new Set(['promoted']))
    expect(mostAMinute).toBeLessThanOrEqual(QUOTA)
  }
  const others = (load: Load) => perLook(load, (call) => !call.endsWith('.list'))
  expect(others(many)).toBeCloseTo(others(few), 0)
})

function perLook({ calls, looks }: Load, counts: (call: string) => boolean): number {
  return Object.entries(calls).reduce((sum, [call, count]) => sum + (counts(call) ? count : 0), 0) / looks
}
