import { INVARIANTS, type Violation } from './checkers/index.ts'
import type { RunResult } from './simulate.ts'

/** Faults that are drawn for every simulation, by the numbers of the list. */
const DRAWN: readonly number[] = Array.from({ length: 40 }, (_, index) => index + 1)

/** What many runs came to. */
export interface Summary {
  readonly seeds: number
  readonly firstSeed: number
  readonly rollouts: number
  readonly turns: number
  readonly outcomes: Readonly<Record<string, number>>
  /** How often each fault of the list was drawn, by number. */
  readonly faults: Readonly<Record<string, number>>
  readonly crashes: number
  /** How often each checker had its situation before it. */
  readonly checks: Readonly<Record<string, number>>
  /** Breaches that a named fault of the world explains. */
  readonly excused: Readonly<Record<string, number>>
  readonly violations: readonly Pick<Violation, 'seed' | 'invariant' | 'at'>[]
  /** Faults never drawn and situations never met. */
  readonly gaps: readonly string[]
}

/** Sums up runs. @param lacking faults that the cloud which they were played on cannot have, by number. */
export function summarise(
  firstSeed: number,
  results: readonly Omit<RunResult, 'journal' | 'trace'>[],
  lacking: readonly number[] = [],
): Summary {
  const outcomes = total(results.map((one) => ({ [one.outcome]: 1 })))
  const drawn = total(results.map((one) => one.faults))
  const faults: Record<string, number> = {}
  for (const fault of DRAWN) faults[fault] = drawn[fault] ?? 0
  const met = total(results.map((one) => one.checks))
  const checks: Record<string, number> = {}
  for (const invariant of INVARIANTS) checks[invariant] = met[invariant] ?? 0
  return {
    seeds: results.length,
    firstSeed,
    rollouts: results.filter((one) => one.outcome !== 'not started').length,
    turns: results.reduce((sum, one) => sum + one.turns, 0),
    outcomes,
    faults,
    crashes: results.reduce((sum, one) => sum + one.crashes, 0),
    checks,
    excused: total(results.flatMap((one) => one.excused.map(({ invariant }) => ({ [invariant]: 1 })))),
    violations: results.flatMap((one) => one.violations.map(({ seed, invariant, at }) => ({ seed, invariant, at }))),
    gaps: [
      ...DRAWN.filter((fault) => faults[fault] === 0 && !lacking.includes(fault)).map(
        (fault) => `fault ${fault} was never drawn`,
      ),
      ...INVARIANTS.filter((invariant) => checks[invariant] === 0).map(
        (invariant) => `the checker of ${invariant} never had its situation before it`,
      ),
    ],
  }
}

function total(all: readonly Readonly<Record<string | number, number>>[]): Record<string, number> {
  const sum: Record<string, number> = {}
  for (const one of all) for (const key in one) sum[key] = (sum[key] ?? 0) + (one[key] ?? 0)
  return sum
}
