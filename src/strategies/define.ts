import type { Course } from '../core/course.ts'
import type { Problem } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import { byWeights, type PlanContext, type Strategy } from './strategy.ts'

/** A strategy of one's own. */
export interface StrategyDefinition<Options extends Json, Needs extends 'weights' | 'nothing', Checks extends string> {
  readonly name: string
  /** Raise it when the same options would give another plan. */
  readonly version: number
  readonly options: Options
  /** Whether it needs traffic weights. @default 'nothing' */
  readonly needs?: Needs
  /** Names of the checks it asks. @default - none */
  readonly checks?: readonly Checks[]
  /** Names of the metric sources it asks. @default - none */
  readonly sources?: readonly string[]
  /** What this fleet cannot do for it. @default - nothing but weights, if it needs them */
  problems?(options: Options, context: PlanContext): readonly Problem[]
  /** Chooses waypoints; pure. Build them with `waypoint`, `healthy`, `soak`, `bake`, `verify`, `approve`, `analysis`, `backByWeights`, `backByCount`. */
  plan(options: Options, context: PlanContext): Course
}

/** Makes a strategy of a definition: the same kind of value as the built-in ones. */
export function defineStrategy<
  Options extends Json,
  Needs extends 'weights' | 'nothing' = 'nothing',
  const Checks extends string = never,
>(definition: StrategyDefinition<Options, Needs, Checks>): Strategy<Needs, Checks> {
  const { name, version, options } = definition
  const needs = definition.needs ?? ('nothing' as Needs)
  return {
    name,
    version,
    options,
    needs,
    checks: definition.checks ?? [],
    sources: definition.sources ?? [],
    problems(context) {
      const own = [...nameProblems(name), ...(definition.problems?.(options, context) ?? [])]
      if (needs !== 'weights' || byWeights(context)) return own
      return [
        ...own,
        {
          path: 'strategy',
          found: `${name} on a fleet without traffic weights`,
          allowed: 'a router with weights and groups of their own',
        },
      ]
    },
    plan: (context) => definition.plan(options, context),
  }
}

const BUILT_IN: readonly string[] = ['blue-green', 'canary', 'rolling']

/** A plan holds its strategy by name, and is made anew by it. */
function nameProblems(name: string): Problem[] {
  if (name !== '' && !BUILT_IN.includes(name)) return []
  return [{ path: 'strategy.name', found: JSON.stringify(name), allowed: `a name of its own, not ${BUILT_IN.join(', ')}` }]
}
