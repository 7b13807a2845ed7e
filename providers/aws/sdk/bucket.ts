import type { AwsClock } from './clock.ts'

/** Tokens that a bucket holds, and that come back each second. */
export interface Rate {
  readonly most: number
  readonly perSecond: number
}

/** A token bucket, full at first. */
export interface Bucket {
  /** Waits for a token; at once while there is one. Ends early when the signal aborts. */
  take(signal: AbortSignal): Promise<void>
  /** Somebody else is at it too: it is empty now, and fills half as fast for a minute. */
  slow(): void
}

const SLOWED_MS = 60_000

/** Makes a bucket. */
export function createBucket(clock: AwsClock, { most, perSecond }: Rate): Bucket {
  let tokens = most
  let filledAt = clock.now()
  let slowUntil = 0
  const speed = (now: number) => (now < slowUntil ? perSecond / 2 : perSecond)
  const fill = (now: number) => {
    tokens = Math.min(most, tokens + ((now - filledAt) / 1_000) * speed(now))
    filledAt = now
    return now
  }
  return {
    async take(signal) {
      const now = fill(clock.now())
      // Below zero stands for those who wait already: whoever comes later waits longer.
      tokens -= 1
      if (tokens < 0) await clock.sleep((-tokens / speed(now)) * 1_000, signal)
    },
    slow() {
      const now = fill(clock.now())
      tokens = Math.min(tokens, 0)
      slowUntil = now + SLOWED_MS
    },
  }
}
