import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { root } from '../../tools/subpaths.ts'

const SEEDS = 5_000
/** They share the machine's cores. */
const PROCESSES = 2

test('no invariant is broken on AWS in drawn scenarios, every fault that it has is drawn, and every checker has its situation before it', async () => {
  const first = Number(process.env['IMAGO_SEED'])
  const share = SEEDS / PROCESSES
  const summaries = await Promise.all(Array.from({ length: PROCESSES }, (_, index) => played(first + index * share, share)))
  for (const summary of summaries) expect(summary).toMatchObject({ seeds: share, violations: [], gaps: [] })
})

async function played(seed: number, seeds: number): Promise<unknown> {
  const program = ['--import', './tools/source.mjs', 'tools/simulate.ts', '--on', 'aws']
  const args = [...program, '--seeds', String(seeds), '--seed', String(seed >>> 0), '--json']
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, maxBuffer: 1e9 })
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
}
