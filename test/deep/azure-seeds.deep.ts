import { expect, test } from 'vitest'
import { played } from './played.ts'

const SEEDS = 5_000

test('no invariant is broken on Azure in drawn scenarios, every fault that it has is drawn, and every checker has its situation before it', async () => {
  for (const summary of await played('azure', SEEDS)) expect(summary).toMatchObject({ violations: [], gaps: [] })
})
