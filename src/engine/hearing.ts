import { isRolloutError } from '../core/errors.ts'
import type { Request } from '../core/events.ts'
import { readRequests } from './requests.ts'
import type { Runtime } from './runtime.ts'
import { ENDED } from './scope.ts'
import type { Tracked } from './tracked.ts'

// R1. A person is heard within `requestInterval`, also while a look, a call or a check does not answer.

/**
 * Runs what may take long, and looks for requests meanwhile.
 *
 * @param onAsked told of requests that the journal has not seen.
 */
export async function hearing<T>(
  runtime: Runtime,
  tracked: Tracked,
  body: () => Promise<T>,
  onAsked: (requests: readonly Request[]) => Promise<void> | void,
): Promise<T> {
  const ended = new AbortController()
  const listening = listen()
  listening.catch(() => undefined)
  try {
    return await body()
  } finally {
    ended.abort(ENDED)
    await listening
  }

  async function listen(): Promise<void> {
    for (;;) {
      await runtime.system.clock.sleep(hearInMs(runtime, tracked), ended.signal)
      if (ended.signal.aborted) return
      const requests = await unseen(runtime, tracked)
      if (requests.length > 0) await onAsked(requests)
    }
  }
}

/** Requests that the journal has not seen yet. @throws RolloutError `format-newer`, `store-unavailable`. */
export function hear(runtime: Runtime, tracked: Tracked): Promise<readonly Request[]> {
  tracked.heardAt = runtime.system.clock.monotonic()
  return readRequests(runtime, tracked.state)
}

/** How long until somebody must be heard again. */
export function hearInMs({ system, requestIntervalMs }: Runtime, { heardAt }: Tracked): number {
  return Math.max(0, Math.min(requestIntervalMs, heardAt + requestIntervalMs - system.clock.monotonic()))
}

async function unseen(runtime: Runtime, tracked: Tracked): Promise<readonly Request[]> {
  try {
    return await hear(runtime, tracked)
  } catch (error) {
    // The next turn meets the same store and says so.
    if (isRolloutError(error)) return []
    throw error
  }
}
