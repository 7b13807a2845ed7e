import { createCounters, type Counters } from './counters.ts'
import type { TablePool } from './table.ts'
import { createTarget, targetKey, type Target } from './target.ts'

/** The instances of one binding, as they are now. */
export interface Pool {
  readonly binding: string
  weight: number
  /** Its place in the interleaving of its service. */
  credit: number
  targets: readonly Target[]
  readonly counters: Counters
  /** Where the next search begins, so that equally busy instances take turns. */
  next: number
}

/** Makes an empty pool. */
export function createPool(binding: string): Pool {
  return { binding, weight: 0, credit: 0, targets: [], counters: createCounters(), next: 0 }
}

/** Makes a pool what the table says; an instance that stays keeps its connections and its requests. */
export function updatePool(pool: Pool, { weight, targets }: TablePool): void {
  const before = new Map(pool.targets.map((one) => [one.key, one]))
  pool.weight = weight
  pool.targets = targets.map((row) => {
    const kept = before.get(targetKey(row))
    if (kept === undefined) return createTarget(row)
    before.delete(kept.key)
    kept.state = row.state
    return kept
  })
  for (const gone of before.values()) gone.retire()
}

/** Lets go of all instances; what is under way ends as it would have. */
export function retirePool(pool: Pool): void {
  for (const target of pool.targets) target.retire()
  pool.targets = []
}

/**
 * The instance with the fewest requests under way, ejected ones only when there is no other.
 *
 * @param tried - instances that this request was refused by
 */
export function pickTarget(pool: Pool, tried: readonly Target[], now: number): Target | undefined {
  const { targets } = pool
  let best: Target | undefined
  let lastResort: Target | undefined
  for (let step = 0; step < targets.length; step += 1) {
    const target = targets[(pool.next + step) % targets.length] as Target
    if (target.state !== 'in' || tried.includes(target)) continue
    if (target.ejectedUntil > now) {
      if (lastResort === undefined || target.ejectedUntil < lastResort.ejectedUntil) lastResort = target
    } else if (best === undefined || target.inFlight < best.inFlight) {
      best = target
      if (best.inFlight === 0) break
    }
  }
  const found = best ?? lastResort
  if (found !== undefined) pool.next = (targets.indexOf(found) + 1) % targets.length
  return found
}

/** Whether somebody here can be expected to take a request. */
export function canServe(pool: Pool, now: number): boolean {
  return pool.targets.some((target) => target.state === 'in' && target.ejectedUntil <= now)
}
