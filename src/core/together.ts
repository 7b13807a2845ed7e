import { letGo, untilLetGo } from './let-go.ts'

/** What is asked for, and until when somebody waits for it. */
interface Target {
  /** What the call is named, `instanceGroupManagers.list`. */
  readonly name: string
  readonly signal: AbortSignal
}

/**
 * Reads something of a name.
 *
 * @param of what the call reads, whole: what is read of one name and of the same is read once.
 * @param read is done once for everybody who asks side by side, with a signal that aborts when the last of them has let go.
 */
export type Together = <T, Asking extends Target>(target: Asking, of: string, read: (target: Asking) => Promise<T>) => Promise<T>

interface Asked {
  readonly answer: Promise<unknown>
  /** How many wait for it. */
  waiting: number
  readonly signal: AbortController
}

/**
 * What is asked for by one name before the process comes to its next turn is read once: a provider and a router look at the same groups, and
 * fleets that are looked at side by side at the same templates. Every answer was read after it was asked for, so that whoever reads to
 * change, or after a change, has what he would have read alone.
 *
 * @param nextTurn waits until everybody has asked who is about to.
 */
export function readingTogether(nextTurn: () => Promise<unknown>): Together {
  const gathered = new Map<string, Asked>()
  return <T, Asking extends Target>(target: Asking, of: string, read: (target: Asking) => Promise<T>): Promise<T> => {
    const { name, signal } = target
    if (signal.aborted) return Promise.reject(letGo(name))
    const key = `${name} ${of}`
    const forget = (asked: Asked) => void (gathered.get(key) === asked && gathered.delete(key))
    const begin = (): Asked => {
      const shared = new AbortController()
      const answer = nextTurn().then(() => {
        forget(asked)
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
    return untilLetGo(asked.answer as Promise<T>, name, signal).finally(() => {
      // The last one to let go takes the request with him; from those who wait nobody takes it.
      asked.waiting--
      if (asked.waiting > 0) return
      asked.signal.abort()
      forget(asked)
    })
  }
}
