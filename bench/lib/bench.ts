/** One number that was promised. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** What was promised; a figure that only explains another has none. */
  readonly target?: Limit
  readonly met: boolean
}

/** How large, or how small, a figure may be. */
export type Limit = { readonly atMost: number } | { readonly atLeast: number }

/** What a bench is told. */
export interface BenchOptions {
  /** The smallest form that goes through all of it: shows that it works, not how fast. */
  readonly quick: boolean
  /** Says what is not measured here, and why. */
  skip(what: string): void
  /** Shows what is no number, or is read side by side, beneath the figures. */
  show(table: Table): void
}

/** Rows of one width; the first is the head. */
export type Table = readonly (readonly string[])[]

/** One bench. Every module that the runner lists exports one as `bench`. */
export interface Bench {
  readonly name: string
  /** What is measured, and how. */
  readonly how: string
  run(options: BenchOptions): Promise<readonly Figure[]>
}

/** What the runner says of one bench. */
export interface BenchReport extends Pick<Bench, 'name' | 'how'> {
  readonly figures: readonly Figure[]
  readonly tables: readonly Table[]
  readonly skipped: readonly string[]
  readonly met: boolean
}

/** A figure that must not be larger. */
export function atMost(limit: number, name: string, value: number, unit = ''): Figure {
  return { name, value: rounded(value), unit, target: { atMost: rounded(limit) }, met: value <= limit }
}

/** A figure that must not be smaller. */
export function atLeast(limit: number, name: string, value: number, unit = ''): Figure {
  return { name, value: rounded(value), unit, target: { atLeast: rounded(limit) }, met: value >= limit }
}

/** A figure without a promise. */
export function plain(name: string, value: number, unit = ''): Figure {
  return { name, value: rounded(value), unit, met: true }
}

/** Four digits that count. */
function rounded(value: number): number {
  return Math.abs(value) >= 1_000 ? Math.round(value) : Number(value.toPrecision(4))
}
