import { callFailed } from '../core/errors.ts'
import type { Clock } from '../core/ports.ts'

/** How long a look at a fleet may take. */
export const LOOK_DEADLINE_MS = 60_000

/**
 * Runs a body until a deadline of the injected clock, or until somebody lets go. What has not ended by then is left to
 * itself and its outcome is `unknown`, whether or not it heeds the signal.
 */
export async function bounded<T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal | undefined,
  what: string,
  body: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController()
  const within = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal])
  const ended = new AbortController()
  const late = clock.sleep(ms, ended.signal).then(() => {
    if (ended.signal.aborted) return undefined as never
    over.abort()
    throw callFailed('unknown', what, `${what} did not answer within ${Math.round(ms)} ms; it may still take effect.`)
  })
  const abandoning = signal === undefined ? [] : [abandoned(signal, what, ended.signal)]
  try {
    return await Promise.race([body(within), late, ...abandoning])
  } finally {
    ended.abort()
    late.catch(() => undefined)
  }
}

function abandoned(signal: AbortSignal, what: string, ended: AbortSignal): Promise<never> {
  const gone = new Promise<never>((_, reject) => {
    const stop = () =>
      reject(callFailed('unknown', what, `${what} was let go of; it may still take effect.`, { cause: signal.reason }))
    if (signal.aborted) stop()
    else {
      signal.addEventListener('abort', stop, { once: true })
      ended.addEventListener('abort', () => signal.removeEventListener('abort', stop), { once: true })
    }
  })
  gone.catch(() => undefined)
  return gone
}

/** Whether somebody has let go. A function, because a signal changes by itself while a loop looks at it. */
export function letGo(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}
