import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { root } from '../../tools/subpaths.ts'

const SEEDS = 5_000

test('no invariant is broken in drawn scenarios, every fault is drawn, and every checker has its situation before it', async () => {
  const seed = process.env['IMAGO_SEED'] ?? ''
  const args = ['--import', './tools/source.mjs', 'tools/simulate.ts', '--seeds', String(SEEDS), '--seed', seed, '--json']
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, maxBuffer: 1e9 })
  expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ seeds: SEEDS, violations: [], gaps: [] })
})
