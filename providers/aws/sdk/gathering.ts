import { untilLetGo } from '../../../src/core/let-go.ts'

/** Reads things by their keys; what is not there is left out, or fails all of it. */
export type Read<Item> = (keys: readonly string[], signal: AbortSignal) => Promise<readonly Item[]>

/** How what is gathered is read. */
export interface Gathered<Item> {
  /** Waits until the call may be made; meanwhile more is gathered. */
  reserve(signal: AbortSignal): Promise<void>
  read(keys: readonly string[], signal: AbortSignal, reserved: boolean): Promise<readonly Item[]>
}

interface Batch<Item> {
  readonly keys: Set<string>
  readonly answer: Promise<readonly Item[]>
}

/**
 * Reads in one go, so many at once, what is asked for before the process comes to its next turn and the call may be made. Every answer was read after it was asked
 * for. Where that fails each reads its own: one key that is gone must not take their answers from the others.
 */
export function gathering<Item>(most: number, { reserve, read }: Gathered<Item>): Read<Item> {
  let gathered: Batch<Item> | undefined
  const begin = (): Batch<Item> => {
    const keys = new Set<string>()
    // Whoever lets go of an answer that others wait for must not take it from them.
    const { signal } = new AbortController()
    const answer = nextTurn()
      .then(() => reserve(signal))
      .then(() => {
        if (gathered?.keys === keys) gathered = undefined
        return read([...keys], signal, true)
      })
    // Whoever has let go by now does not listen to it.
    answer.catch(() => undefined)
    return { keys, answer }
  }
  return async (keys, signal) => {
    if (gathered !== undefined && gathered.keys.size + keys.length > most) gathered = undefined
    const batch = (gathered ??= begin())
    for (const key of keys) batch.keys.add(key)
    try {
      return await untilLetGo(batch.answer, 'describe', signal)
    } catch (error) {
      if (signal.aborted || keys.length === batch.keys.size) throw error
      return await read(keys, signal, false)
    }
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}
