import * as v from 'valibot'
import type { Course } from '../core/course.ts'
import type { Duration } from '../core/duration.ts'
import type { Problem } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import type { Gate } from '../core/plan.ts'
import { check, duration } from '../core/schema.ts'
import type { Shape } from '../core/shape.ts'
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
import { byWeights, type PlanContext, type Strategy } from './strategy.ts'
import { analysis, approve, backByWeights, bake, healthy, terms, verify, waypoint } from './waypoints.ts'

/** How blue/green goes about it. */
export interface BlueGreenOptions<Asked extends Verification = Verification> extends CommonOptions<Asked> {
  /** Who switches the traffic once the candidate is verified: imago, or a person by `approve('promotion')`. @default 'auto' */
  readonly promotion?: 'auto' | 'manual'
  /** The approval before the switch, in more detail. @default - as `promotion` says */
  readonly approval?: ApprovalOptions
  /** How long the candidate must serve all traffic before stable goes. @default '10m' */
  readonly bake?: Duration
  /** Numbers that must be right after the switch. @default - none */
  readonly analysis?: AnalysisOptions
  /** How much longer stable is kept warm, so that the way back is one weight. @default '0s' */
  readonly keepWarm?: Duration
}

const schema = v.strictObject({
  ...common,
  promotion: v.optional(v.picklist(['auto', 'manual']), 'auto'),
  approval: v.optional(approvalOptions),
  bake: v.optional(duration, '10m'),
  analysis: v.optional(analysisOptions),
  keepWarm: v.optional(duration, '0s'),
})

/**
 * The candidate is built beside stable at full size, verified without traffic, and gets all traffic at once; stable is
 * kept warm until the candidate has proven itself. Needs a router with weights and groups that can be cloned.
 */
export function blueGreen<const Asked extends Verification = never>(
  options: BlueGreenOptions<Asked> = {},
): Strategy<'weights', Extract<Asked, string>> {
  const { value, problems } = check(schema, options, 'strategy')
  return {
    name: 'blue-green',
    version: 1,
    options: (value ?? options) as unknown as Json,
    needs: 'weights',
    checks: checksOf(options),
    sources: value?.analysis?.metrics.map((metric) => metric.source) ?? [],
    problems: (context) => [...problems, ...unfit(context)],
    plan: (context) => (value === undefined ? { waypoints: [], back: [], notes: [] } : course(value, context)),
  }
}

function unfit(context: PlanContext): Problem[] {
  if (byWeights(context)) return []
  const { router, placement } = context
  if (placement === 'in-place')
    return [
      {
        path: 'strategy',
        found: 'blue/green on a fleet whose instances are replaced in place',
        allowed: 'rolling, or canary by count',
      },
    ]
  const why = router === undefined ? 'the fleet has no router' : router.weights.can ? '' : router.weights.why
  return [{ path: 'strategy', found: `blue/green without traffic weights (${why})`, allowed: 'rolling, or canary by count' }]
}

function course(options: v.InferOutput<typeof schema>, context: PlanContext): Course {
  const given = terms(context, {
    healthyForMs: options.healthyFor,
    progressDeadlineMs: options.progressDeadline,
    failureLimit: options.failureLimit,
  })
  const asking: Gate[] = options.verify.map((one) => verify(one, options.verifyDeadline))
  if (options.approval !== undefined) asking.push(approve(options.approval.id, options.approval.expires, options.approval.then))
  else if (options.promotion === 'manual') asking.push(approve('promotion'))
  const proving: Gate[] = [bake(options.bake + options.keepWarm)]
  if (options.analysis !== undefined) proving.push(analysis('analysis', options.analysis))
  return {
    waypoints: [
      waypoint('candidate', 'candidate at full size, without traffic', shape('serving', 0), [healthy(given), ...asking], given),
      waypoint('switch', 'all traffic to the candidate, stable warm', shape('warm', 100), [healthy(given), ...proving], given),
      waypoint('retire-stable', 'stable retired', shape('retired', 100), [], given, {
        reversible: 'rebuild',
        onDeadline: 'pause',
      }),
    ],
    back: backByWeights(given),
    notes: [],
  }
}

function shape(stable: 'serving' | 'warm' | 'retired', weight: number): Shape {
  const full = { size: { kind: 'at-least', share: 1 }, state: 'serving' } as const
  return {
    generations: { stable: { ...full, state: stable }, candidate: full },
    routing: { by: 'weights', weights: { stable: 100 - weight, candidate: weight } },
  }
}
