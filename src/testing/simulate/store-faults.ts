import { rolloutError } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import type { RolloutStore } from '../../core/ports.ts'
import type { Random } from '../world/index.ts'

/** What happened to a store, by the numbers of the list of faults. */
export interface StoreFaults {
  readonly drawn: Record<number, number>
  stop(): void
}

/**
 * A store that is sometimes away (21), and whose appends sometimes have no known outcome (22): applied, or not.
 * Everything it says it did is done.
 */
export function faultyStore(
  store: RolloutStore,
  random: Random,
  chance: number,
): { readonly store: RolloutStore; readonly faults: StoreFaults } {
  const drawn: Record<number, number> = {}
  let rate = chance
  const strikes = (fault: number) => {
    if (!random.chance(rate)) return false
    drawn[fault] = (drawn[fault] ?? 0) + 1
    return true
  }
  const away = (stream: string) => Promise.reject(rolloutError('store-unavailable', 'The store is away.', { stream }))
  return {
    store: {
      ...store,
      async append(stream: string, atSeq: number, entries: readonly JsonObject[]) {
        if (strikes(21)) return await away(stream)
        if (!strikes(22)) return await store.append(stream, atSeq, entries)
        if (random.chance(0.5)) await store.append(stream, atSeq, entries)
        return 'unknown'
      },
      read: (stream, fromSeq) => (strikes(21) ? away(stream) : store.read(stream, fromSeq)),
      now: () => (strikes(21) ? away('now') : store.now()),
    },
    faults: {
      drawn,
      stop() {
        rate = 0
      },
    },
  }
}
