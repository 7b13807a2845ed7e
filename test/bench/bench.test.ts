import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { BenchReport } from '../../bench/lib/bench.ts'
import { BENCHES } from '../../bench/lib/table.ts'
import { root } from '../../tools/subpaths.ts'

const run = promisify(execFile)
const program = join(root, 'bench/main.ts')

/** What the small form of a bench says; its numbers mean nothing. */
async function quick(name: string, env = process.env): Promise<BenchReport | undefined> {
  const { stdout } = await run(process.execPath, [program, name, '--quick', '--json'], { cwd: root, env })
  return (JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as { benches: BenchReport[] }).benches[0]
}

// Each is several processes, and one a whole build.
describe.for(Object.keys(BENCHES))('%s', { timeout: 180_000 }, (name) => {
  test('goes through in its small form, and every figure says what was found', async () => {
    const report = await quick(name)
    expect(report).toMatchObject({ name, how: expect.stringMatching(/\w{3}/) as string, skipped: expect.any(Array) as string[] })
    expect(report?.figures.length).toBeGreaterThan(0)
    for (const figure of report?.figures ?? [])
      expect(figure).toMatchObject({ name: expect.stringMatching(/\w/) as string, value: expect.any(Number) as number })
    expect(report?.figures.some((figure) => figure.target !== undefined)).toBe(true)
  })
})

test(
  'HAProxy is measured beside the balancer, and named as skipped where it is not installed',
  { timeout: 180_000 },
  async () => {
    const measured = (report: BenchReport | undefined) => report?.figures.some((figure) => figure.name.startsWith('haproxy'))
    const here = await quick('balancer')
    expect(here?.skipped).toHaveLength(measured(here) === true ? 0 : 1)
    const without = await quick('balancer', { ...process.env, PATH: '' })
    expect(measured(without)).toBe(false)
    expect(without?.skipped).toEqual([expect.stringContaining('HAProxy')])
  },
)

test('a bench that is not there is refused with those that are', async () => {
  await expect(run(process.execPath, [program, 'speed'])).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('durable-step') as string,
  })
})
