import { setTimeout as sleep } from 'node:timers/promises'

/** A clock, and somebody who waits by it. */
export interface GcpClock {
  /** Epoch milliseconds. */
  now(): number
  /** Ends early when the signal aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** This machine's. */
export const machineClock: GcpClock = {
  now: Date.now,
  sleep: (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
}
