import { callFailed } from '../core/errors.ts'
import type { Clock } from '../core/ports.ts'
import { ENDED, scopeOf } from './scope.ts'

/** How long a look at a fleet may take. */
export const LOOK_DEADLINE_MS = 60_000

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
  const over = scopeOf(signal)
  const ended = new AbortController()
  const late = async () => {
    await clock.sleep(ms, ended.signal)
    if (ended.signal.aborted) return undefined as never
    over.letGo()
    throw abandoned(what, `did not answer within ${Math.round(ms)} ms`)
  }
  try {
    return await unlessLetGo(signal, what, () => Promise.race([body(over.signal), late()]))
  } finally {
    over.end()
    ended.abort(ENDED)
  }
}

/** Runs a body until somebody lets go. What has not ended by then is left to itself, and its outcome is `unknown`. What was let go of before is not begun. */
export async function unlessLetGo<T>(signal: AbortSignal | undefined, what: string, body: () => Promise<T>): Promise<T> {
  if (signal === undefined) return await body()
  if (signal.aborted) throw callFailed('transient', what, `${what} was not begun, for it was let go of before.`, causeOf(signal))
  const leaving = Promise.withResolvers<never>()
  const leave = () => leaving.reject(abandoned(what, 'was let go of', signal))
  signal.addEventListener('abort', leave)
  try {
    return await Promise.race([body(), leaving.promise])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}

function abandoned(what: string, why: string, signal?: AbortSignal) {
  return callFailed('unknown', what, `${what} ${why}; it may still take effect.`, signal === undefined ? {} : causeOf(signal))
}

function causeOf({ reason }: AbortSignal): { readonly cause?: unknown } {
  return reason === undefined ? {} : { cause: reason as unknown }
}
