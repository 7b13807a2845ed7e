import { expect, test } from 'vitest'
import { played } from './played.ts'

const SEEDS = 1_000

test('no invariant is broken on Azure in drawn scenarios, and the faults that it has are drawn', async () => {
  for (const summary of await played('azure', SEEDS)) expect(summary).toMatchObject({ violations: [] })
})
