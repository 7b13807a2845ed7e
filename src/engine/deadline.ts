import { callFailed } from '../core/errors.ts'
import type { Clock } from '../core/ports.ts'

/** How long a look at a fleet may take. */
export const LOOK_DEADLINE_MS = 60_000

/** A reason of our own: without one every end would make an error that nobody sees. */
const ENDED = 'ended'

/**
 * Runs a body until a deadline of the injected clock, or until somebody lets go. What has not ended by then is left to
 * itself and its outcome is `unknown`, whether or not it heeds the signal. What was let go of before is not begun.
 */
export async function bounded<T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal | undefined,
  what: string,
  body: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (letGo(signal)) throw callFailed('transient', what, `${what} was not begun, for it was let go of before.`)
  const over = new AbortController()
  const ended = new AbortController()
  const failed = (why: string, cause?: unknown) => {
    over.abort(cause)
    return callFailed('unknown', what, `${what} ${why}; it may still take effect.`, cause === undefined ? {} : { cause })
  }
  const late = clock.sleep(ms, ended.signal).then(() => {
    if (!ended.signal.aborted) throw failed(`did not answer within ${Math.round(ms)} ms`)
    return undefined as never
  })
  late.catch(() => undefined)
  const abandoned = Promise.withResolvers<never>()
  abandoned.promise.catch(() => undefined)
  const abandon = () => abandoned.reject(failed('was let go of', signal?.reason))
  signal?.addEventListener('abort', abandon)
  try {
    return await Promise.race([body(over.signal), late, abandoned.promise])
  } finally {
    signal?.removeEventListener('abort', abandon)
    ended.abort(ENDED)
  }
}

/** Whether somebody has let go. A function, because a signal changes by itself while a loop looks at it. */
export function letGo(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}
