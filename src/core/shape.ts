/** Roles of generations, in every strategy. */
export type Role = 'stable' | 'candidate' | 'baseline'

/** How large a generation shall be, as a share of the demand of now. */
export type SizeRule =
  /** At least this share, and at least what its weight needs; what is there beyond it stays. */
  | { readonly kind: 'at-least'; readonly share: number }
  /** Just this share, rounded up. */
  | { readonly kind: 'exactly'; readonly share: number }
  /** A number of instances, the first one of a rolling replacement; what is there beyond it stays, as when one that was aborted goes on. */
  | { readonly kind: 'count'; readonly count: number }
  /** The demand less all others. */
  | { readonly kind: 'rest' }

/** What a shape says of one generation. */
export interface GenerationShape {
  readonly size: SizeRule
  /** `warm` is kept ready without traffic; `retired` is gone, route and all. */
  readonly state: 'serving' | 'warm' | 'retired'
}

/** The routing of a shape as one whole. */
export type ShapeRouting =
  /** Percent by role; what is not named has 0; the sum is 100. */
  | { readonly by: 'weights'; readonly weights: Readonly<Partial<Record<Role, number>>> }
  /** Every healthy instance of a serving generation gets the same share. */
  | { readonly by: 'count' }

/** Whether what is there beyond a size stays. */
export function isLeast({ kind }: SizeRule): boolean {
  return kind === 'at-least' || kind === 'count'
}

/** What a fleet shall look like. It holds no absolute size. */
export interface Shape {
  readonly generations: Readonly<Partial<Record<Role, GenerationShape>>>
  readonly routing: ShapeRouting
}

/** A count of instances or a percentage of the demand; surge rounds up, unavailable rounds down. */
export type Count = number | `${number}%`

/** Within what instances may be moved towards a shape. */
export interface Budget {
  /** How many instances beyond the demand there may be. `unbounded` where the shape itself says how many. */
  readonly maxSurge: Count | 'unbounded'
  /** How many healthy serving instances may be missing from the floor. */
  readonly maxUnavailable: Count
  /** How long an instance must have been healthy before it counts. */
  readonly soakMs: number
}

/** Instances that a {@link Count} stands for at this demand. */
export function countOf(count: Count, demand: number, round: 'up' | 'down'): number {
  if (typeof count === 'number') return count
  const exact = (demand * Number.parseFloat(count)) / 100
  return round === 'up' ? Math.ceil(exact - 1e-9) : Math.floor(exact + 1e-9)
}
