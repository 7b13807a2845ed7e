import type { Clock } from '../../core/ports.ts'
import type { Timeline } from './timeline.ts'

/**
 * The world's time as a program sees it; a sleep ends when the world has come so far.
 *
 * @param skewMs how far this program's wall clock is ahead; it may change. @default - in step with the world
 */
export function worldClock(world: Timeline, skewMs: () => number = () => 0): Clock {
  const beganAt = world.now
  return {
    // Clocks that people set by show whole milliseconds, and what is written somewhere is often cut to them.
    now: () => Math.floor(world.now + skewMs()),
    monotonic: () => world.now - beganAt,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) return resolve()
        const timer = world.schedule(world.now + Math.max(0, ms), () => {
          signal?.removeEventListener('abort', letGo)
          resolve()
        })
        function letGo(): void {
          timer.cancel()
          resolve()
        }
        signal?.addEventListener('abort', letGo, { once: true })
      }),
  }
}
