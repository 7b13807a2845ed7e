import { setImmediate as turn } from 'node:timers/promises'
import { rolloutError } from '../../core/errors.ts'
import type { World } from './world.ts'

/**
 * Lets the world go on until a promise has settled: after each event everything that waits for it runs first.
 *
 * @throws RolloutError `host-unfit` when nothing will happen any more, or the time is over, and the promise still waits.
 */
export async function drive<T>(world: World, promise: Promise<T>, untilAt = Infinity): Promise<T> {
  const outcome = { settled: false }
  const over = promise.then(
    () => void (outcome.settled = true),
    () => void (outcome.settled = true),
  )
  for (await turn(); !outcome.settled; await turn()) {
    if (world.now <= untilAt && world.step()) continue
    const why = `Nothing settles it: the world stands at ${new Date(world.now).toISOString()}. The latest changes:\n${String(world.trace)}`
    throw rolloutError('host-unfit', why, { why })
  }
  await over
  return await promise
}
