import { setImmediate as breath } from 'node:timers/promises'
import { rolloutError } from '../../core/errors.ts'
import type { World } from './world.ts'

/**
 * Lets the world go on until a promise has settled: after each event everything that waits for it runs first.
 *
 * @param quiet waits for what is not of this world and takes no time there: answers that are on a wire. Called before each event.
 * @throws RolloutError `host-unfit` when nothing will happen any more, or the time is over, and the promise still waits.
 */
export async function drive<T>(
  world: World,
  promise: Promise<T>,
  untilAt = Infinity,
  quiet: (steps: number) => Promise<void> = sometimesAll,
): Promise<T> {
  const outcome = { settled: false }
  const over = promise.then(
    () => void (outcome.settled = true),
    () => void (outcome.settled = true),
  )
  await breath()
  await quiet(1)
  for (let steps = 1; !outcome.settled; steps++) {
    if (world.now <= untilAt && world.step()) {
      await quiet(steps)
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

function sometimesAll(steps: number): Promise<void> {
  return steps % STEPS_A_BREATH === 0 ? breath() : everythingElse()
}

/** What was put off to the next tick comes when every promise that could go on has gone on. */
function everythingElse(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve))
}
