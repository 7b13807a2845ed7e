import { rolloutError } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import type { RolloutStore } from '../../core/ports.ts'
import type { Random, World } from '../world/index.ts'
import type { Trouble } from './model.ts'

/** What happened to a store, by the numbers of the list of faults. */
export interface StoreFaults {
  readonly drawn: Record<number, number>
  stop(): void
}

const SHORTEST_DAMAGE_MS = 30_000
const LONGEST_DAMAGE_MS = 300_000

/**
 * A store that is sometimes away (21), and whose appends sometimes have no known outcome (22): applied, or not.
 * Everything it says it did is done. For a while the last entry that it gives out may be damaged (23).
 */
export function faultyStore(
  store: RolloutStore,
  world: World,
  trouble: Trouble,
): { readonly store: RolloutStore; readonly faults: StoreFaults } {
  const random = world.random('store')
  const drawn: Record<number, number> = {}
  let stopped = false
  const count = (fault: number) => void (drawn[fault] = (drawn[fault] ?? 0) + 1)
  const strikes = (fault: number, chance: number) => {
    if (stopped || !random.chance(chance)) return false
    count(fault)
    return true
  }
  const away = (stream: string) => Promise.reject(rolloutError('store-unavailable', 'The store is away.', { stream }))
  let damagedUntil = 0
  const damaging = () => {
    if (!stopped && damagedUntil <= world.now && random.chance(trouble.damage))
      damagedUntil = world.now + random.whole(SHORTEST_DAMAGE_MS, LONGEST_DAMAGE_MS)
    return !stopped && world.now < damagedUntil
  }
  const readJournal = async (stream: string, fromSeq: number) => {
    const entries = await store.read(stream, fromSeq)
    const last = entries.at(-1)
    if (last === undefined || !damaging()) return entries
    count(23)
    return [...entries.slice(0, -1), damaged(last, random)]
  }
  return {
    store: {
      ...store,
      get id() {
        return store.id
      },
      async append(stream: string, atSeq: number, entries: readonly JsonObject[]) {
        if (strikes(21, trouble.store)) return await away(stream)
        if (!strikes(22, trouble.store)) return await store.append(stream, atSeq, entries)
        if (random.chance(0.5)) await store.append(stream, atSeq, entries)
        return 'unknown'
      },
      read(stream, fromSeq) {
        if (strikes(21, trouble.store)) return away(stream)
        return stream.startsWith('fleet/') ? readJournal(stream, fromSeq) : store.read(stream, fromSeq)
      },
      now: () => (strikes(21, trouble.store) ? away('now') : store.now()),
    },
    faults: {
      drawn,
      stop() {
        stopped = true
      },
    },
  }
}

/** An entry of a format that nobody knows yet, or the half of one. */
function damaged(entry: JsonObject, random: Random): JsonObject {
  if (random.chance(0.5)) return { ...entry, event: { ...(entry['event'] as JsonObject), v: 99 } }
  return { ...entry, event: null }
}
