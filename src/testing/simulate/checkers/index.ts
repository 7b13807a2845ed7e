import { floorHolds, trafficCarried } from './capacity.ts'
import type { Checker, CheckerOf, Findings, Scene, Violation } from './checker.ts'
import { withinBudget } from './budget.ts'
import { bakedFirst, nothingLeft, peopleHeard } from './ending.ts'
import { drainedFirst } from './drained.ts'
import { freshLooks } from './fresh.ts'
import {
  intentsFirst,
  journalInOrder,
  neverForwardAgain,
  othersUntouched,
  poisonHolds,
  promotedForReasons,
  replays,
} from './history.ts'
import { routeBeforeInstances } from './law-5.ts'
import { nothingTwice } from './quiet.ts'
import { updaterLed } from './updater.ts'

export type { AdapterTrace, CallSeen, Findings, Scene, Violation } from './checker.ts'

const ALL: readonly CheckerOf[] = [
  floorHolds,
  trafficCarried,
  bakedFirst,
  neverForwardAgain,
  poisonHolds,
  nothingLeft,
  othersUntouched,
  withinBudget,
  journalInOrder,
  intentsFirst,
  replays,
  promotedForReasons,
  peopleHeard,
  routeBeforeInstances,
  freshLooks,
  nothingTwice,
  drainedFirst,
  updaterLed,
]

/** The invariants that are watched. */
export const INVARIANTS = [
  'I1',
  'I2',
  'I3',
  'I4',
  'I5',
  'I6',
  'I7',
  'I8',
  'I9',
  'I10',
  'I11',
  'I12',
  'I13',
  'I14',
  'I15',
  'I16',
  'I18',
  'I19',
  'I20',
  'I21',
  'I22',
  'I23',
  'law 5',
] as const

/** What all checkers found in one run. */
export interface Verdicts {
  readonly checks: Readonly<Record<string, number>>
  /** Breaches that something outside the rollout explains, each with what explains it. */
  readonly excused: readonly Violation[]
  readonly violations: readonly Violation[]
  /** Said by whoever runs the simulation, of what only it can see. */
  readonly findings: Findings
  /** Ends the watching. */
  stop(): void
  /** Ends it, and judges the whole. */
  atEnd(): void
}

/** Lets every checker watch a scene. */
export function watch(seed: number, scene: Scene): Verdicts {
  const checks: Record<string, number> = {}
  const excused: Violation[] = []
  const violations: Violation[] = []
  const findings: Findings = {
    met: (invariant) => void (checks[invariant] = (checks[invariant] ?? 0) + 1),
    excused: (invariant, what) => void excused.push({ seed, invariant, at: scene.world.now, what }),
    broken: (invariant, what) => void violations.push({ seed, invariant, at: scene.world.now, what }),
  }
  const checkers: Checker[] = ALL.map((make) => make(scene, findings))
  const watching = checkers.flatMap((checker) => checker.onInstant ?? [])
  let version = -1
  const stop = scene.world.observe(() => {
    if (scene.truth.version === version) return
    version = scene.truth.version
    for (const look of watching) look()
  })
  return {
    checks,
    excused,
    violations,
    findings,
    stop,
    atEnd() {
      stop()
      for (const checker of checkers) checker.atEnd?.()
    },
  }
}
