import { rolloutError } from '../core/errors.ts'
import { letGo } from './deadline.ts'

/** What one imago has under way. Closing lets go of all of it, as a signal lets go of one part. */
export interface Life {
  readonly closed: boolean
  /**
   * Does something that may be let go of.
   *
   * @param body given a signal that aborts with the one that is handed in, and when imago is closed.
   * @throws RolloutError `closed`.
   */
  during<T>(signal: AbortSignal | undefined, body: (signal: AbortSignal) => Promise<T>): Promise<T>
  /** Lets go of everything, and waits until it has ended. */
  end(): Promise<void>
}

/** A life in which nothing has begun yet. */
export function createLife(): Life {
  const under = new Map<Promise<unknown>, AbortController>()
  let closed = false
  return {
    get closed() {
      return closed
    },
    async during(signal, body) {
      refuseClosed({ closed })
      const scope = new AbortController()
      const follow = () => scope.abort(signal?.reason)
      if (letGo(signal)) follow()
      else signal?.addEventListener('abort', follow)
      const doing = body(scope.signal)
      under.set(doing, scope)
      try {
        return await doing
      } finally {
        under.delete(doing)
        signal?.removeEventListener('abort', follow)
      }
    },
    async end() {
      closed = true
      for (const scope of under.values()) scope.abort()
      await Promise.allSettled(under.keys())
    },
  }
}

/** @throws RolloutError `closed`. */
export function refuseClosed({ closed }: Pick<Life, 'closed'>): void {
  if (closed) throw rolloutError('closed', 'This imago was closed; make a new one.', { what: 'imago' })
}
