import pRetry from 'p-retry'
import { isRolloutError } from '../core/errors.ts'
import type { Clock } from '../core/ports.ts'
import { letGo } from './scope.ts'

const FIRST_WAIT_MS = 200
const LONGEST_WAIT_MS = 5_000
/** A wait that took this much longer than it should: the process stood still, and what was worth repeating then may not be now. */
const STOOD_STILL_MS = 5_000

/**
 * Repeats a call within one turn whose first attempt was refused for now (throttled, transient); of every other refusal it
 * throws the error. Anything longer is the next turn. The wait is on the injected clock with injected jitter, so that a
 * simulation replays; a signal that aborts ends it.
 */
export async function repeated<T>(
  clock: Clock,
  random: () => number,
  refusal: unknown,
  times: number,
  signal: AbortSignal | undefined,
  body: (attempt: number) => Promise<T>,
): Promise<T> {
  if (times <= 1 || !again(refusal)) throw refusal
  await wait(refusal, 1)
  return await pRetry((attempt) => body(attempt + 1), {
    retries: times - 2,
    minTimeout: 0,
    randomize: false,
    shouldRetry: ({ error: next }) => again(next),
    onFailedAttempt: ({ error: next, attemptNumber, retriesLeft }) =>
      retriesLeft > 0 && again(next) ? wait(next, attemptNumber + 1) : undefined,
  })

  /** @throws the error, when it is not worth while any more. */
  async function wait(error: unknown, attempt: number): Promise<void> {
    const asked = isRolloutError(error, 'call-failed') ? error.facts.retryAfterMs : undefined
    const grown = FIRST_WAIT_MS * 2 ** (attempt - 1) * (0.5 + random())
    const ms = Math.min(LONGEST_WAIT_MS, asked ?? grown)
    const until = clock.monotonic() + ms
    await clock.sleep(ms, signal)
    if (letGo(signal) || clock.monotonic() - until >= STOOD_STILL_MS) throw error
  }

  function again(error: unknown): boolean {
    return forNow(error) && !letGo(signal)
  }
}

function forNow(error: unknown): boolean {
  return isRolloutError(error, 'call-failed') && (error.facts.class === 'throttled' || error.facts.class === 'transient')
}
