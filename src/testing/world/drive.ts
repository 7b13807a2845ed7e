import { setImmediate as breath } from 'node:timers/promises'
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
  await breath()
  for (let steps = 1; !outcome.settled; steps++) {
    if (world.now <= untilAt && world.step()) {
      await (steps % STEPS_A_BREATH === 0 ? breath() : everythingElse())
      continue
    }
    const why = `Nothing settles it: the world stands at ${new Date(world.now).toISOString()}. The latest changes:\n${String(world.trace)}`
    throw rolloutError('host-unfit', why, { why })
  }
  await over
  return await promise
}

/** After this many events the process is let go on with what is not of this world: its own timers, messages, files. */
const STEPS_A_BREATH = 256

/** What was put off to the next tick comes when every promise that could go on has gone on. */
function everythingElse(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve))
}
