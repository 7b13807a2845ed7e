import * as v from 'valibot'
import type { Duration } from '../core/duration.ts'
import type { Consequence, MetricCheck } from '../core/plan.ts'
import { httpQuestion, type HttpQuestion } from '../core/question.ts'
import { duration, name } from '../core/schema.ts'
import type { Role } from '../core/shape.ts'

/** Numbers that must be as they should before traffic moves on. */
export interface AnalysisOptions {
  readonly metrics: readonly {
    /** Name of a metric source, registered at `createImago`. */
    readonly source: string
    readonly query: string
    /** @default 'candidate' */
    readonly of?: Role
    readonly must: MetricCheck['must']
    /** A number between `must.value` and this one is inconclusive. @default - it fails */
    readonly inconclusiveUntil?: number | undefined
  }[]
  /** Time between two measurements. @default '30s' */
  readonly interval?: Duration
  /** Length of the window that is asked about. @default - the interval */
  readonly window?: Duration | undefined
  /** Measurements that must pass. @default 3 */
  readonly count?: number
  /** Measurements that may fail. @default 0 */
  readonly failureLimit?: number
  /** For one answer. @default '10s' */
  readonly timeout?: Duration
  /** For the whole analysis, from when the weights it judges are true for every request; then the last verdict has its consequence, and `wait` is `rollback`. @default - twice as many intervals as are needed, and two more */
  readonly deadline?: Duration | undefined
  /** @default 'rollback' */
  readonly onFail?: Consequence
  /** @default 'wait' */
  readonly onInconclusive?: Consequence | 'wait'
  /** @default 'wait' */
  readonly onNoData?: Consequence | 'wait'
  /** @default 'wait' */
  readonly onError?: Consequence | 'wait'
}

/** A person who must say yes. */
export interface ApprovalOptions {
  /** By which `approve(id)` answers it: no other approval of the plan may have it. */
  readonly id: string
  /** @default '24h' */
  readonly expires?: Duration
  /** What follows when nobody answers. @default 'rollback' */
  readonly then?: Consequence
}

/** What a candidate is verified by: the name of a registered check, or a path that is asked of it. */
export type Verification = string | HttpQuestion

/** What every strategy takes. */
export interface CommonOptions<Asked extends Verification = Verification> {
  /** Checks and paths that must say yes before the candidate gets traffic (more traffic). @default - none */
  readonly verify?: readonly Asked[]
  /** How long one check may go on failing. @default '2m' */
  readonly verifyDeadline?: Duration
  /** How long the candidate must be healthy, at two looks at least and at no look between not. @default '1s' */
  readonly healthyFor?: Duration
  /** Time without progress after which a waypoint has failed. @default - what the provider says instances may take */
  readonly progressDeadline?: Duration
  /** Failed launches and deaths of candidate instances that are forgiven in one waypoint. @default - 2, or 10 % of the demand if that is more */
  readonly failureLimit?: number
}

const consequence = v.picklist(['rollback', 'pause', 'abort', 'proceed'])
const orWait = v.picklist(['wait', 'rollback', 'pause', 'abort', 'proceed'])
const atLeast = (least: number) =>
  v.pipe(v.number('a number'), v.integer('a whole number'), v.minValue(least, `a whole number from ${least}`))

/** Entries of {@link CommonOptions} for a strategy's own schema. */
export const common = {
  verify: v.optional(v.array(v.union([name, httpQuestion], "a check's name or { http: '/path' }")), []),
  verifyDeadline: v.optional(duration, '2m'),
  healthyFor: v.optional(duration, '1s'),
  progressDeadline: v.optional(duration),
  failureLimit: v.optional(atLeast(0)),
}

/** Schema of {@link AnalysisOptions}. */
export const analysisOptions = v.strictObject({
  metrics: v.pipe(
    v.array(
      v.strictObject({
        source: name,
        query: name,
        of: v.optional(v.picklist(['stable', 'candidate', 'baseline']), 'candidate'),
        must: v.strictObject({ op: v.picklist(['<', '<=', '>', '>=']), value: v.number('a number') }),
        inconclusiveUntil: v.optional(v.number('a number')),
      }),
    ),
    v.minLength(1, 'at least one metric'),
  ),
  interval: v.optional(duration, '30s'),
  window: v.optional(duration),
  count: v.optional(atLeast(1), 3),
  failureLimit: v.optional(atLeast(0), 0),
  timeout: v.optional(duration, '10s'),
  deadline: v.optional(duration),
  onFail: v.optional(consequence, 'rollback'),
  onInconclusive: v.optional(orWait, 'wait'),
  onNoData: v.optional(orWait, 'wait'),
  onError: v.optional(orWait, 'wait'),
})

/** Schema of {@link ApprovalOptions}. */
export const approvalOptions = v.strictObject({
  id: name,
  expires: v.optional(duration, '24h'),
  then: v.optional(consequence, 'rollback'),
})

/** Names of the checks that options ask, whatever else is wrong with them. */
export function checksOf<Asked extends Verification>(
  options: CommonOptions<Asked> | undefined,
): readonly Extract<Asked, string>[] {
  const asked: readonly Asked[] = Array.isArray(options?.verify) ? options.verify : []
  return asked.filter((one): one is Extract<Asked, string> => typeof one === 'string')
}
