import { expect, test } from 'vitest'
import { BENCHES } from '../../bench/lib/table.ts'
import { expectFigures, measuredHaproxy, quick } from '../bench/quick.ts'

test.for(Object.keys(BENCHES))('%s goes through in its small form, and every figure says what was found', async (name) => {
  const report = await quick(name)
  expectFigures(name, report)
  if (name === 'balancer') expect(report?.skipped).toHaveLength(measuredHaproxy(report) ? 0 : 1)
})
