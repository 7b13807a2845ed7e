import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, type TestContext } from 'vitest'
import { createRandom } from '../../src/testing/world/index.ts'
import { root } from '../../tools/subpaths.ts'
import { openSite } from './site.ts'

/** The main job: what `npm start` runs. */
export const MAIN = join(root, 'examples/demo/main.ts')
/** By which it may be told to end. */
export const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** Past the fleet's start, in the middle of the first rollout. */
const LATEST_MS = 12_000

/** The main job is told to end, twice, at a moment drawn from the seed, and leaves nothing behind. */
export async function endedBy(signal: (typeof SIGNALS)[number], context: TestContext): Promise<void> {
  const site = await openSite(context)
  const atMs = createRandom(Number(process.env['IMAGO_SEED']), signal).whole(0, LATEST_MS)
  const child = spawn(process.execPath, ['--import', join(root, 'tools/source.mjs'), MAIN], {
    cwd: site.folder,
    env: { PATH: process.env['PATH'], TMPDIR: site.folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  // From its first line on it knows what to do when it is told to end.
  await once(child.stdout, 'data')
  child.stdout.resume()
  await sleep(atMs)
  child.kill(signal)
  await sleep(100)
  child.kill(signal)
  expect(await exited, `after ${atMs} ms`).toEqual([130, null])
  expect(await site.leftovers()).toEqual([])
}
