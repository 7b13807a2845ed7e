import pRetry from 'p-retry'
import { isRolloutError } from '../core/errors.ts'
import type { Clock } from '../core/ports.ts'

const FIRST_WAIT_MS = 200
const LONGEST_WAIT_MS = 5_000

/**
 * Repeats a call within one turn when it was refused for now (throttled, transient). Anything longer is the next turn.
 * The wait is on the injected clock with injected jitter, so that a simulation replays.
 */
export async function repeated<T>(
  clock: Clock,
  random: () => number,
  times: number,
  body: (attempt: number) => Promise<T>,
): Promise<T> {
  try {
    return await body(1)
  } catch (error) {
    if (times <= 1 || !forNow(error)) throw error
    await wait(error, 1)
    return await pRetry((attempt) => body(attempt + 1), {
      retries: times - 2,
      minTimeout: 0,
      randomize: false,
      shouldRetry: ({ error: again }) => forNow(again),
      onFailedAttempt: ({ error: again, attemptNumber, retriesLeft }) =>
        retriesLeft > 0 ? wait(again, attemptNumber + 1) : undefined,
    })
  }

  function wait(error: unknown, attempt: number): Promise<void> {
    const asked = isRolloutError(error, 'call-failed') ? error.facts.retryAfterMs : undefined
    const grown = FIRST_WAIT_MS * 2 ** (attempt - 1) * (0.5 + random())
    return clock.sleep(Math.min(LONGEST_WAIT_MS, asked ?? grown))
  }
}

function forNow(error: unknown): boolean {
  return isRolloutError(error, 'call-failed') && (error.facts.class === 'throttled' || error.facts.class === 'transient')
}
