import { expect, test } from 'vitest'
import type { Result } from '../../examples/demo/results.ts'
import { endedBy, MAIN, SIGNALS } from './demo-ended.ts'
import { openSite } from './site.ts'

const seed = Number(process.env['IMAGO_SEED'])

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

// Another one with each commit; the deep tests send them all.
test.for(SIGNALS.filter((_, index) => index === seed % SIGNALS.length))(
  'the main job ended by %s at any moment leaves nothing behind',
  { timeout: 90_000 },
  endedBy,
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
