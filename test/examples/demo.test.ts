import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Result } from '../../examples/demo/results.ts'
import { createRandom } from '../../src/testing/world/index.ts'
import { root } from '../../tools/subpaths.ts'
import { openSite } from './site.ts'

const MAIN = join(root, 'examples/demo/main.ts')
/** Past the fleet's start, in the middle of the first rollout. */
const LATEST_MS = 12_000

// One after the other: each brings its own constant load, and a machine has only so many cores.
test('the main job keeps its promises and leaves nothing behind', { timeout: 240_000 }, async (context) => {
  const site = await openSite(context)
  const said = await site.run(MAIN, '--json')
  // One line, and nothing else: the program that reads it sees no picture. It fails when a promise is broken.
  const { rollouts } = JSON.parse(said) as { rollouts: Result[] }
  expect(rollouts).toEqual([
    rollout({ strategy: 'canary', image: 'v2', outcome: 'promoted', maxWeight: 100 }),
    rollout({ strategy: 'blue-green', image: 'v3', outcome: 'promoted', maxWeight: 100 }),
    rollout({ strategy: 'canary', image: 'broken', outcome: 'rolled-back', maxWeight: 5, detectedMs: expect.any(Number) }),
    rollout({ strategy: 'blue-green', image: 'never', outcome: 'rolled-back', maxWeight: 0 }),
  ])
  for (const { image, failedRequests } of rollouts) expect(failedRequests > 0, image).toBe(image === 'broken')
  expect(await site.leftovers()).toEqual([])
})

test.for(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  'the main job ended by %s at any moment leaves nothing behind',
  { timeout: 90_000 },
  async (signal, context) => {
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
  },
)

function rollout(known: Partial<Record<keyof Result, unknown>>) {
  const number = expect.any(Number)
  return {
    durationMs: number,
    requests: number,
    failedRequests: number,
    exposedRequests: number,
    detectedMs: null,
    failedOutsideExposure: 0,
    ...known,
  }
}
