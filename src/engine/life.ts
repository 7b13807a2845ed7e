import { rolloutError } from '../core/errors.ts'
import type { Clock } from '../core/ports.ts'
import { ENDED, scopeOf, type Scope } from './scope.ts'

/** How long the store has to take down what became of the calls that were let go of. */
export const LAST_WORDS_MS = 2_000

/** Until when something is waited for. */
export interface Term {
  /** Aborts when somebody lets go, or imago is closed: nothing new is begun, calls are left to themselves. */
  readonly signal: AbortSignal
  /** Aborts a while later: until then the journal is told what became of them. A store that hangs is left to itself then. */
  readonly lastWords: AbortSignal
}

/** What one imago has under way. Closing lets go of all of it, as a signal lets go of one part. */
export interface Life {
  readonly closed: boolean
  /**
   * Does something that may be let go of.
   *
   * @param body given a term that ends with the signal that is handed in, and when imago is closed.
   * @throws RolloutError `closed`.
   */
  during<T>(signal: AbortSignal | undefined, body: (term: Term) => Promise<T>): Promise<T>
  /** Lets go of everything, and waits until it has ended. */
  end(): Promise<void>
}

/** A life in which nothing has begun yet. */
export function createLife(clock: Clock): Life {
  const under = new Map<Promise<unknown>, Scope>()
  let closed = false
  return {
    get closed() {
      return closed
    },
    async during(signal, body) {
      refuseClosed({ closed })
      const scope = scopeOf(signal)
      const { term, end } = termOf(clock, scope.signal)
      const doing = body(term)
      under.set(doing, scope)
      try {
        return await doing
      } finally {
        under.delete(doing)
        scope.end()
        end()
      }
    },
    async end() {
      closed = true
      for (const scope of under.values()) scope.letGo()
      await Promise.allSettled(under.keys())
    },
  }
}

function termOf(clock: Clock, signal: AbortSignal): { readonly term: Term; end(): void } {
  const lastWords = new AbortController()
  const ended = new AbortController()
  const begin = async () => {
    await clock.sleep(LAST_WORDS_MS, ended.signal)
    lastWords.abort(signal.reason)
  }
  signal.addEventListener('abort', () => void begin())
  return { term: { signal, lastWords: lastWords.signal }, end: () => ended.abort(ENDED) }
}

/** @throws RolloutError `closed`. */
export function refuseClosed({ closed }: Pick<Life, 'closed'>): void {
  if (closed) throw rolloutError('closed', 'This imago was closed; make a new one.', { what: 'imago' })
}
