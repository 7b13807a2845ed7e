import { canServe, pickTarget, type Pool } from './pool.ts'
import type { Target } from './target.ts'

/** The pools that share the requests of one listener. */
export interface Route {
  readonly pools: readonly Pool[]
  /** The pool whose turn it is; `undefined` when no pool has any weight. */
  next(): Pool | undefined
}

/**
 * The pool whose turn it is: smooth weighted round robin, so after any number of requests each pool has had its share to within one
 * request or so. A random choice could send a bad image more than its weight allows.
 */
export function nextPool(pools: readonly Pool[]): Pool | undefined {
  let sum = 0
  let best: Pool | undefined
  for (const pool of pools) {
    if (pool.weight === 0) continue
    sum += pool.weight
    pool.credit += pool.weight
    if (best === undefined || pool.credit > best.credit) best = pool
  }
  if (best !== undefined) best.credit -= sum
  return best
}

/** Starts the interleaving anew, as every change of weights must: credit earned under other weights means nothing. */
export function restartTurns(pools: readonly Pool[]): void {
  for (const pool of pools) pool.credit = 0
}

/** Somebody to send a request to. */
export interface Choice {
  readonly pool: Pool
  readonly target: Target
}

/**
 * Somebody to send a request of this pool to. When nobody in it can be expected to take it, the heaviest other pool does, if it is at least
 * as heavy: a pool that was given few requests is never flooded with those of a heavier one.
 */
export function choose(route: Route, pool: Pool, tried: readonly Target[], now: number): Choice | undefined {
  const own = pickTarget(pool, tried, now)
  if (own !== undefined && own.ejectedUntil <= now) return { pool, target: own }
  const other = standIn(route, pool, now)
  const theirs = other && pickTarget(other, tried, now)
  if (other !== undefined && theirs !== undefined) return { pool: other, target: theirs }
  return own && { pool, target: own }
}

function standIn(route: Route, pool: Pool, now: number): Pool | undefined {
  let heaviest: Pool | undefined
  for (const other of route.pools) {
    if (other === pool || other.weight === 0 || other.weight < pool.weight || !canServe(other, now)) continue
    if (heaviest === undefined || other.weight > heaviest.weight) heaviest = other
  }
  return heaviest
}
