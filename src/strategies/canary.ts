import * as v from 'valibot'
import type { Course } from '../core/course.ts'
import type { Duration } from '../core/duration.ts'
import type { Problem } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import type { Gate, Waypoint } from '../core/plan.ts'
import { check, count as countSchema, duration } from '../core/schema.ts'
import type { Budget, Count, Shape } from '../core/shape.ts'
import {
  analysisOptions,
  approvalOptions,
  checksOf,
  common,
  type AnalysisOptions,
  type ApprovalOptions,
  type CommonOptions,
  type Verification,
} from './options.ts'
import { byWeights, immovable, type PlanContext, type Strategy } from './strategy.ts'
import { analysis, approve, backByCount, backByWeights, bake, healthy, terms, verify, waypoint, type Terms } from './waypoints.ts'

/** How a canary goes about it. */
export interface CanaryOptions<Asked extends Verification = Verification> extends CommonOptions<Asked> {
  /** Percent of the traffic at each waypoint, rising, each from 1 to 99; 100 follows by itself. */
  readonly weights: readonly number[]
  /** How long each weight must stand. @default '5m' */
  readonly bake?: Duration
  /** Numbers that must be right at each weight. @default - none */
  readonly analysis?: AnalysisOptions
  /** Approvals that must be given before a weight (100 too), by weight; before the first, by weights only, the candidate waits without traffic. @default - none */
  readonly approvals?: Readonly<Record<number, ApprovalOptions>>
  /** By count only: instances beyond the demand while some are exchanged. @default 1 */
  readonly maxSurge?: Count
  /** By count only: instances that may be missing. @default 0 */
  readonly maxUnavailable?: Count
}

const weight = v.pipe(
  v.number('a number from 1 to 99'),
  v.integer('a whole number'),
  v.minValue(1, 'a number from 1 to 99'),
  v.maxValue(99, 'a number from 1 to 99'),
)
const schema = v.strictObject({
  ...common,
  weights: v.pipe(
    v.array(weight),
    v.minLength(1, 'at least one weight'),
    v.check((all) => all.every((one, index) => index === 0 || one > (all[index - 1] ?? 0)), 'rising weights'),
  ),
  bake: v.optional(duration, '5m'),
  analysis: v.optional(analysisOptions),
  approvals: v.optional(v.record(v.string(), approvalOptions), {}),
  maxSurge: v.optional(countSchema, 1),
  maxUnavailable: v.optional(countSchema, 0),
})
type Resolved = v.InferOutput<typeof schema>

/**
 * The candidate gets a growing share of the traffic, and each share must prove itself. By weight where the router can;
 * else by the count of instances, where a share is what the counts make it and the plan says so.
 */
export function canary<const Asked extends Verification = never>(
  options: CanaryOptions<Asked>,
): Strategy<'nothing', Extract<Asked, string>> {
  const { value, problems } = check(schema, options, 'strategy')
  return {
    name: 'canary',
    version: 1,
    options: (value ?? options) as unknown as Json,
    needs: 'nothing',
    checks: checksOf(options),
    sources: value?.analysis?.metrics.map((metric) => metric.source) ?? [],
    problems: (context) => (value === undefined ? problems : unfit(value, context)),
    plan: (context) => (value === undefined ? { waypoints: [], back: [], notes: [] } : course(value, context)),
  }
}

function unfit({ weights, approvals, maxSurge, maxUnavailable }: Resolved, context: PlanContext): readonly Problem[] {
  const weighted = byWeights(context)
  // By count an instance has its share as soon as it is there: nobody can be asked between the two.
  const asked = [...(weighted ? weights : weights.slice(1)), 100]
  const problems = Object.keys(approvals)
    .filter((before) => !asked.some((one) => String(one) === before))
    .map((before) => ({
      path: `strategy.approvals[${before}]`,
      found:
        String(weights[0]) === before
          ? 'an approval before the first share, which by count needs no step of its own'
          : `an approval before ${before} %, which is no weight of this canary`,
      allowed: `an approval before ${asked.join(', ')}`,
    }))
  return [...problems, ...(weighted ? [] : immovable(context, maxSurge, maxUnavailable))]
}

function course(options: Resolved, context: PlanContext): Course {
  const given = terms(context, {
    healthyForMs: options.healthyFor,
    progressDeadlineMs: options.progressDeadline,
    failureLimit: options.failureLimit,
  })
  const weighted = byWeights(context)
  const budget: Budget = weighted
    ? { maxSurge: 'unbounded', maxUnavailable: 0, soakMs: 0 }
    : { maxSurge: options.maxSurge, maxUnavailable: options.maxUnavailable, soakMs: 0 }
  const shapeAt = weighted ? shapeByWeight : shapeByCount
  const reversible = weighted ? 'free' : 'regrow'
  const shares = options.weights.map((share) =>
    waypoint(`weight-${share}`, `candidate ${share} %`, shapeAt(share), gatesAt(options, given, share), given, {
      budget,
      reversible,
    }),
  )
  const notes = weighted
    ? []
    : [`The fleet's routing is by count: ${options.weights.map((share) => realised(share, context.demand)).join(', ')}.`]
  return {
    waypoints: [...unseen(options, given), ...shares, ...ending(options, given, budget, weighted)],
    back: weighted ? backByWeights(given) : backByCount(given, budget),
    notes,
  }
}

/** Where a person must say yes before the first weight, the candidate waits for it without traffic. */
function unseen(options: Resolved, given: Terms): Waypoint[] {
  const first = options.weights[0] ?? 0
  const asked = options.approvals[String(first)]
  if (asked === undefined) return []
  const gates = [healthy(given), ...verified(options), approve(asked.id, asked.expires, asked.then)]
  return [waypoint('weight-0', 'candidate without traffic', shapeByWeight(0, first), gates, given)]
}

function verified({ verify: asked, verifyDeadline }: Resolved): Gate[] {
  return asked.map((one) => verify(one, verifyDeadline))
}

function gatesAt(options: Resolved, given: Terms, share: number): Gate[] {
  const [first] = options.weights
  const gates: Gate[] = [healthy(given)]
  if (share === first && options.approvals[String(first)] === undefined) gates.push(...verified(options))
  gates.push(bake(options.bake))
  if (options.analysis !== undefined) gates.push(analysis('analysis', options.analysis))
  const next = options.weights[options.weights.indexOf(share) + 1] ?? 100
  const asked = options.approvals[String(next)]
  if (asked !== undefined) gates.push(approve(asked.id, asked.expires, asked.then))
  return gates
}

function ending(options: Resolved, given: Terms, budget: Budget, weighted: boolean): Waypoint[] {
  const gates = [healthy(given), bake(options.bake)]
  if (options.analysis !== undefined) gates.push(analysis('analysis', options.analysis))
  if (!weighted)
    return [
      waypoint('weight-100', 'candidate alone', shapeByCount(100), gates, given, { budget, reversible: 'regrow' }),
      waypoint('retire-stable', 'stable retired', retired('count'), [], given, {
        budget,
        reversible: 'rebuild',
        onDeadline: 'pause',
      }),
    ]
  return [
    waypoint('weight-100', 'all traffic to the candidate, stable warm', shapeByWeight(100), gates, given, { budget }),
    waypoint('retire-stable', 'stable retired', retired('weights'), [], given, {
      budget,
      reversible: 'rebuild',
      onDeadline: 'pause',
    }),
  ]
}

/** Stable is never shrunk while it may be needed: the candidate comes on top. */
function shapeByWeight(share: number, size = share): Shape {
  return {
    generations: {
      stable: { size: { kind: 'at-least', share: 1 }, state: share === 100 ? 'warm' : 'serving' },
      candidate: { size: { kind: 'at-least', share: size / 100 }, state: 'serving' },
    },
    routing: { by: 'weights', weights: { stable: 100 - share, candidate: share } },
  }
}

function shapeByCount(share: number): Shape {
  return {
    generations: {
      stable: { size: share === 100 ? { kind: 'exactly', share: 0 } : { kind: 'rest' }, state: 'serving' },
      candidate: { size: { kind: 'exactly', share: share / 100 }, state: 'serving' },
    },
    routing: { by: 'count' },
  }
}

function retired(by: 'weights' | 'count'): Shape {
  return {
    generations: {
      stable: { size: { kind: 'exactly', share: 0 }, state: 'retired' },
      candidate: { size: { kind: by === 'count' ? 'exactly' : 'at-least', share: 1 }, state: 'serving' },
    },
    routing: by === 'count' ? { by } : { by, weights: { candidate: 100 } },
  }
}

/** The share that whole instances make: 5 % of 10 is 1 of 10, which is 10 %. */
function realised(share: number, demand: number): string {
  const instances = Math.ceil((share * demand) / 100 - 1e-9)
  return demand === 0
    ? `${share} % of nothing`
    : `${share} % is ${instances} of ${demand} instances, ${Math.round((instances * 100) / demand)} %`
}
