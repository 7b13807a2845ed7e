import { execFile } from 'node:child_process'
import { isObject } from '../../src/core/json.ts'
import { promisify } from 'node:util'
import { root } from '../../tools/subpaths.ts'

/** They share the machine's cores. */
const PROCESSES = 2

/** What so many seeds on a vendor's cloud come to, in shares that are played side by side. */
export async function played(on: 'aws' | 'gcp' | 'azure', seeds: number): Promise<readonly unknown[]> {
  const first = Number(process.env['IMAGO_SEED'])
  const share = seeds / PROCESSES
  return await Promise.all(Array.from({ length: PROCESSES }, (_, index) => playedShare(on, first + index * share, share)))
}

async function playedShare(on: string, seed: number, seeds: number): Promise<unknown> {
  const program = ['--import', './tools/source.mjs', 'tools/simulate.ts', '--on', on]
  const args = [...program, '--seeds', String(seeds), '--seed', String(seed >>> 0), '--json']
  // The program that finds a violation ends with a code, but has told of its whole share first.
  const ended = promisify(execFile)(process.execPath, args, { cwd: root, maxBuffer: 1e9 })
  const { stdout } = await ended.catch((error: unknown) => {
    if (isObject(error) && typeof error['stdout'] === 'string') return { stdout: error['stdout'] }
    throw error
  })
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
}
