import { blueGreen, canary, inPlace, rolling } from 'imago'
import { expect, test } from 'vitest'
import { CLONED, roll } from '../aws/rolling.ts'
import { createSite } from '../aws/site.ts'

const SIZES = [6, 60, 600]
const strategies = {
  'blue/green': [blueGreen({ bake: '5m' }), CLONED],
  'canary of four steps': [canary({ weights: [5, 10, 25, 50], bake: '5m' }), CLONED],
  'rolling in place, a tenth at a time': [rolling({ maxSurge: '10%' }), inPlace('web')],
  'an instance refresh, a tenth at a time': [rolling({ by: 'native', maxSurge: '10%' }), inPlace('web')],
} as const

test.for(Object.keys(strategies) as (keyof typeof strategies)[])('%s, calls by name', async (name) => {
  const [strategy, groups] = strategies[name]
  const counts: Record<string, number>[] = []
  for (const size of SIZES) {
    const site = await createSite()
    const { rollout } = await roll(site, { strategy, groups, size })
    expect(rollout.state.outcome).toBe('promoted')
    counts.push(Object.fromEntries(site.account.calls))
  }
  const names = [...new Set(counts.flatMap((one) => Object.keys(one)))].toSorted()
  const rows = names.map((call) => [call, ...counts.map((one) => one[call] ?? 0)])
  const totals = counts.map((one) => Object.values(one).reduce((sum, count) => sum + count, 0))
  console.log([[name, ...SIZES], ...rows, ['in all', ...totals]].map((row) => row.join(' ')).join('\n'))
  // What is done costs by the steps, not by the instances, but for their protection, fifty in a call.
  const changes = (one: Record<string, number>) =>
    Object.fromEntries(Object.entries(one).filter(([call]) => !/\.(?:Describe|RunInstances|SetInstanceProtection)/.test(call)))
  expect(changes(counts[2]!)).toEqual(changes(counts[1]!))
})
