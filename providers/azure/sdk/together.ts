import { letGo, untilLetGo } from '../../../src/core/let-go.ts'
import type { CallTarget } from './caller.ts'

/** Reads something of a name. @param read is done once for everybody who asks for it side by side. */
export type Together = <T>(target: CallTarget, of: string, read: (target: CallTarget) => Promise<T>) => Promise<T>

interface Asked {
  readonly answer: Promise<unknown>
  /** How many wait for it. */
  waiting: number
  readonly signal: AbortController
}

/**
 * What is asked for by one name before the process comes to its next turn is read once: a provider and a router look at the same sets, and
 * Azure lets each be listed ten times a minute. Every answer was read after it was asked for.
 */
export function readingTogether(): Together {
  const gathered = new Map<string, Asked>()
  return async <T>(target: CallTarget, of: string, read: (target: CallTarget) => Promise<T>): Promise<T> => {
    const { name, signal } = target
    if (signal.aborted) throw letGo(name)
    const key = `${name} ${of}`
    const begin = (): Asked => {
      const shared = new AbortController()
      const answer: Promise<T> = nextTurn().then(() => {
        if (gathered.get(key) === asked) gathered.delete(key)
        return read({ ...target, signal: shared.signal })
      })
      // Whoever has let go by now does not listen to it.
      answer.catch(() => undefined)
      const asked: Asked = { answer, waiting: 0, signal: shared }
      gathered.set(key, asked)
      return asked
    }
    const asked = gathered.get(key) ?? begin()
    asked.waiting++
    try {
      return await untilLetGo(asked.answer as Promise<T>, name, signal)
    } finally {
      // The last one to let go takes the request with him; from those who wait nobody takes it.
      asked.waiting--
      if (asked.waiting === 0) {
        asked.signal.abort()
        if (gathered.get(key) === asked) gathered.delete(key)
      }
    }
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}
