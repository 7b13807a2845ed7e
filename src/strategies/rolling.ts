import * as v from 'valibot'
import type { Course } from '../core/course.ts'
import type { Duration } from '../core/duration.ts'
import type { Json } from '../core/json.ts'
import { check, count as countSchema, duration } from '../core/schema.ts'
import { countOf, type Budget, type Count, type Shape } from '../core/shape.ts'
import { checksOf, common, type CommonOptions, type Verification } from './options.ts'
import { immovable, type PlanContext, type Strategy } from './strategy.ts'
import { backByCount, healthy, soak, terms, verify, waypoint } from './waypoints.ts'

/** How a rolling replacement goes about it. */
export interface RollingOptions<Asked extends Verification = Verification> extends CommonOptions<Asked> {
  /** Instances beyond the demand; a percentage rounds up. @default 1 */
  readonly maxSurge?: Count
  /** Instances that may be missing; a percentage rounds down. @default 0 */
  readonly maxUnavailable?: Count
  /** How long each instance must have been healthy before it counts. @default '0s' */
  readonly soak?: Duration
}

const schema = v.strictObject({
  ...common,
  maxSurge: v.optional(countSchema, 1),
  maxUnavailable: v.optional(countSchema, 0),
  soak: v.optional(duration, '0s'),
})
type Resolved = v.InferOutput<typeof schema>

/** Instance by instance within a budget; the first one gates the rest. Needs no weights and no second fleet. */
export function rolling<const Asked extends Verification = never>(
  options: RollingOptions<Asked> = {},
): Strategy<'nothing', Extract<Asked, string>> {
  const { value, problems } = check(schema, options, 'strategy')
  return {
    name: 'rolling',
    version: 1,
    options: (value ?? options) as unknown as Json,
    needs: 'nothing',
    checks: checksOf(options),
    sources: [],
    problems: (context) => [
      ...problems,
      ...(value === undefined ? [] : immovable(context, value.maxSurge, value.maxUnavailable)),
    ],
    plan: (context) => (value === undefined ? { waypoints: [], back: [], notes: [] } : course(value, context)),
  }
}

function course(options: Resolved, context: PlanContext): Course {
  const given = terms(context, {
    healthyForMs: options.healthyFor,
    progressDeadlineMs: options.progressDeadline,
    failureLimit: options.failureLimit,
  })
  const budget: Budget = { maxSurge: options.maxSurge, maxUnavailable: options.maxUnavailable, soakMs: options.soak }
  const surges = countOf(options.maxSurge, context.demand, 'up') > 0
  const first = [healthy(given), soak(options.soak), ...options.verify.map((one) => verify(one, options.verifyDeadline))]
  return {
    waypoints: [
      waypoint('first', 'one candidate instance, which gates the rest', beside(surges), first, given, {
        // Its gate is the soak: with the budget's beside it, it would soak twice.
        budget: { ...budget, soakMs: 0 },
        reversible: surges ? 'free' : 'regrow',
      }),
      waypoint('replace', 'instance by instance to the candidate', moved('serving'), [healthy(given)], given, {
        budget,
        reversible: 'regrow',
      }),
      waypoint('retire-stable', 'stable retired', moved('retired'), [], given, {
        budget,
        reversible: 'rebuild',
        onDeadline: 'pause',
      }),
    ],
    back: backByCount(given, budget),
    notes: [],
  }
}

function beside(surges: boolean): Shape {
  return {
    generations: {
      stable: { size: surges ? { kind: 'at-least', share: 1 } : { kind: 'rest' }, state: 'serving' },
      candidate: { size: { kind: 'count', count: 1 }, state: 'serving' },
    },
    routing: { by: 'count' },
  }
}

function moved(stable: 'serving' | 'retired'): Shape {
  return {
    generations: {
      stable: { size: { kind: 'exactly', share: 0 }, state: stable },
      candidate: { size: { kind: 'exactly', share: 1 }, state: 'serving' },
    },
    routing: { by: 'count' },
  }
}
