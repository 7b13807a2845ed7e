import type { Duration } from '../core/duration.ts'
import { parseDuration } from '../core/duration.ts'
import { problemsError } from '../core/errors.ts'
import type { Consequence, Gate, Waypoint } from '../core/plan.ts'
import { questionOf, type HttpQuestion } from '../core/question.ts'
import { check as checkInput, DURATION } from '../core/schema.ts'
import type { Budget, Shape } from '../core/shape.ts'
import { analysisOptions, type AnalysisOptions } from './options.ts'
import type { PlanContext } from './strategy.ts'

/** The times and limits that the waypoints of one course share. */
export interface Terms {
  readonly healthyForMs: number
  readonly progressDeadlineMs: number
  readonly failureLimit: number
}

/** Terms with the provider's defaults filled in. */
export function terms(
  context: PlanContext,
  given: { healthyForMs?: number; progressDeadlineMs?: number | undefined; failureLimit?: number | undefined },
): Terms {
  return {
    healthyForMs: given.healthyForMs ?? 1_000,
    progressDeadlineMs: given.progressDeadlineMs ?? context.provider.readyDeadlineMs,
    failureLimit: given.failureLimit ?? Math.max(2, Math.ceil(context.demand / 10)),
  }
}

/** Moves nothing that the shape does not ask for: each generation is as large as its share says. */
export const AS_SHAPED: Budget = { maxSurge: 'unbounded', maxUnavailable: 0, soakMs: 0 }

/** A waypoint; everything but its shape and gates has a default. */
export function waypoint(
  id: string,
  title: string,
  shape: Shape,
  gates: readonly Gate[],
  { progressDeadlineMs, failureLimit }: Terms,
  more: Partial<Pick<Waypoint, 'budget' | 'reversible' | 'onDeadline' | 'agency'>> = {},
): Waypoint {
  return {
    id,
    title,
    shape,
    gates,
    progressDeadlineMs,
    failureLimit,
    budget: more.budget ?? AS_SHAPED,
    onDeadline: more.onDeadline ?? 'rollback',
    reversible: more.reversible ?? 'free',
    agency: more.agency ?? 'engine',
  }
}

/** Sizes, health and routing as the shape says, at several looks. */
export function healthy({ healthyForMs }: Terms): Gate {
  return { id: 'healthy', kind: 'healthy', forMs: healthyForMs }
}

/** Healthy for this long without a break. @throws RolloutError `spec-invalid`. */
export function soak(time: Duration): Gate {
  return { id: 'soak', kind: 'soak', forMs: msOf('soak', time) }
}

/** The routing undisturbed for this long. @throws RolloutError `spec-invalid`. */
export function bake(time: Duration): Gate {
  return { id: 'bake', kind: 'bake', forMs: msOf('bake', time) }
}

/** A registered check, or a path, that must say yes of the candidate. @throws RolloutError `spec-invalid`. */
export function verify(asked: string | HttpQuestion, deadline: Duration = '2m', then: Consequence = 'rollback'): Gate {
  const question = questionOf(typeof asked === 'string' ? { check: asked } : asked)
  const id = question.kind === 'check' ? `verify-${question.name}` : `verify-http${question.path.replaceAll('/', '-')}`
  const deadlineMs = msOf(id, deadline)
  return {
    id,
    kind: 'verify',
    question,
    of: 'candidate',
    everyMs: Math.min(5_000, deadlineMs / 4),
    timeoutMs: 10_000,
    deadlineMs,
    then,
  }
}

/** A person who must say yes. @throws RolloutError `spec-invalid`. */
export function approve(id: string, expires: Duration = '24h', then: Consequence = 'rollback'): Gate {
  return { id, kind: 'approval', expiresMs: msOf(id, expires), then }
}

/** Numbers that must be as they should. @throws RolloutError `spec-invalid` with every problem. */
export function analysis(id: string, options: AnalysisOptions): Gate {
  const { value, problems } = checkInput(analysisOptions, options, `strategy.${id}`)
  if (value === undefined) throw problemsError('spec-invalid', `The analysis ${id} cannot be made`, problems)
  const { interval, count, failureLimit, timeout } = value
  return {
    id,
    kind: 'analysis',
    metrics: value.metrics.map(({ inconclusiveUntil, ...metric }) =>
      inconclusiveUntil === undefined ? metric : { ...metric, inconclusiveUntil },
    ),
    everyMs: interval,
    windowMs: value.window ?? interval,
    count,
    failureLimit,
    timeoutMs: timeout,
    deadlineMs: value.deadline ?? 2 * interval * (count + failureLimit) + 2 * interval,
    policy: { fail: value.onFail, inconclusive: value.onInconclusive, noData: value.onNoData, error: value.onError },
  }
}

function msOf(gate: string, time: Duration): number {
  const ms = parseDuration(time)
  if (ms !== undefined) return ms
  const problem = { path: `strategy.${gate}`, found: JSON.stringify(time), allowed: DURATION }
  throw problemsError('spec-invalid', `The gate ${gate} cannot be made`, [problem])
}

/** The way back by weights: all traffic to stable at once, then the candidate goes. */
export function backByWeights(given: Terms): readonly Waypoint[] {
  const stable = { size: { kind: 'at-least', share: 1 }, state: 'serving' } as const
  const candidate = { size: { kind: 'at-least', share: 0 }, state: 'serving' } as const
  const routing = { by: 'weights', weights: { stable: 100 } } as const
  return [
    waypoint('return', 'all traffic to stable', { generations: { stable, candidate }, routing }, [healthy(given)], given),
    waypoint(
      'retire-candidate',
      'candidate retired',
      { generations: { stable, candidate: { ...candidate, state: 'retired' } }, routing },
      [],
      given,
    ),
  ]
}

/** The way back by count: stable grows to the demand as candidate instances leave, within the budget. */
export function backByCount(given: Terms, budget: Budget): readonly Waypoint[] {
  const stable = { size: { kind: 'exactly', share: 1 }, state: 'serving' } as const
  const candidate = { size: { kind: 'exactly', share: 0 }, state: 'serving' } as const
  const routing = { by: 'count' } as const
  const movable: Budget = { ...budget, soakMs: 0 }
  return [
    waypoint(
      'return',
      'stable grows as the candidate leaves',
      { generations: { stable, candidate }, routing },
      [healthy(given)],
      given,
      { budget: movable },
    ),
    waypoint(
      'retire-candidate',
      'candidate retired',
      { generations: { stable, candidate: { ...candidate, state: 'retired' } }, routing },
      [],
      given,
      {
        budget: movable,
      },
    ),
  ]
}
