import { expect, test } from 'vitest'
import { BENCHES } from '../../bench/lib/table.ts'
import { expectFigures, measuredHaproxy, quick, runBench } from './quick.ts'

const seed = Number(process.env['IMAGO_SEED'])

// Each is several processes, and one a whole build: one of them, another one with each commit; the deep tests run them all.
test.for(Object.keys(BENCHES).filter((_, index) => index === seed % Object.keys(BENCHES).length))(
  '%s goes through in its small form, and every figure says what was found',
  { timeout: 180_000 },
  async (name) => expectFigures(name, await quick(name)),
)

test('HAProxy is named as skipped where it is not installed', { timeout: 180_000 }, async () => {
  const without = await quick('balancer', { ...process.env, PATH: '' })
  expectFigures('balancer', without)
  expect(measuredHaproxy(without)).toBe(false)
  expect(without?.skipped).toEqual([expect.stringContaining('HAProxy')])
})

test('a bench that is not there is refused with those that are', async () => {
  await expect(runBench(['speed'])).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('durable-step') as string,
  })
})
