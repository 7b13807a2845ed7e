import { setTimeout as sleep } from 'node:timers/promises'
import type { System } from 'imago'

/** By how much time is hurried: moto is in no time where AWS takes minutes, and imago waits all the same. */
const HURRY = 30

/** A clock that runs ahead. @param aheadMs from where. */
export function hurried(aheadMs = 0): System['clock'] {
  const [began, from] = [Date.now() + aheadMs, performance.now()]
  const passed = () => (performance.now() - from) * HURRY
  return {
    now: () => began + passed(),
    monotonic: passed,
    sleep: async (ms: number, signal?: AbortSignal) => {
      await sleep(ms / HURRY, undefined, signal === undefined ? {} : { signal }).catch(() => undefined)
    },
  }
}

/** A process with this clock. */
export function systemOf(clock: System['clock']): System {
  return {
    clock,
    controller: { id: 'driver', name: 'driver' },
    user: 'ada',
    random: Math.random,
    isDead: () => false,
    secret: (length) => crypto.getRandomValues(new Uint8Array(length)),
  }
}
