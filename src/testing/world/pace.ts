import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import type { World } from './world.ts'

/** How fast a world goes beside a clock on the wall. */
export interface Pace {
  /** Milliseconds of the world in one of the wall's. */
  readonly speed: number
  /** Ends it. */
  readonly signal: AbortSignal
}

/** Longest time on the wall for which the world stands still, ms. */
const STANDS_STILL_MS = 20

/** Lets the world go on with the time on the wall, for programs that cannot wait for events; ends when the signal aborts. */
export async function pace(world: World, { speed, signal }: Pace): Promise<void> {
  const beganAt = performance.now()
  const origin = world.now
  while (!signal.aborted) {
    const untilAt = origin + (performance.now() - beganAt) * speed
    while (!signal.aborted && (world.nextAt ?? Infinity) <= untilAt && world.step()) await turn()
    if (world.now < untilAt) world.runUntil(untilAt)
    await sleep(STANDS_STILL_MS)
  }
}
