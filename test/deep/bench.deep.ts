import { expect, test } from 'vitest'
import { BENCHES } from '../../bench/lib/table.ts'
import { expectFigures, quick } from '../bench/quick.ts'

test.for(Object.keys(BENCHES))('%s goes through in its small form, and every figure says what was found', async (name) => {
  const report = await quick(name)
  expectFigures(name, report)
  if (name !== 'balancer') return
  const hasHaproxy = report?.figures.some((figure) => figure.name.startsWith('haproxy'))
  expect(report?.skipped).toHaveLength(hasHaproxy === true ? 0 : 1)
})
