import type { Count } from '../../../core/shape.ts'

// What the engine reckons is what is judged: here it is reckoned anew, from what the documents promise.

/** Instances that must serve: the floor of this demand, rounded up, less what may be unavailable, rounded down; at least one. */
export function mustServe(floor: Count, demand: number, unavailable: number): number {
  return Math.max(1, Math.ceil(exactly(floor, demand)) - unavailable)
}

/** Instances that may be unavailable at this demand. */
export function mayBeUnavailable(count: Count, demand: number): number {
  return Math.floor(exactly(count, demand))
}

/** Instances that may be there beyond this demand. */
export function maySurge(count: Count, demand: number): number {
  return Math.ceil(exactly(count, demand))
}

function exactly(count: Count, demand: number): number {
  if (typeof count === 'number') return count
  // A percentage that comes out whole must not be rounded on because of a fraction that no decimal has.
  return Math.round(Number.parseFloat(count) * demand * 1_000) / 100_000
}
