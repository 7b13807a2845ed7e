import * as v from 'valibot'
import { floorOf } from '../core/capacity.ts'
import type { Course } from '../core/course.ts'
import type { Problem } from '../core/errors.ts'
import type { Duration } from '../core/duration.ts'
import type { Json } from '../core/json.ts'
import { check, count as countSchema, duration } from '../core/schema.ts'
import { countOf, type Budget, type Count, type Shape } from '../core/shape.ts'
import { checksOf, common, type CommonOptions, type Verification } from './options.ts'
import { immovable, nativeOf, type PlanContext, type Strategy } from './strategy.ts'
import { backByCount, healthy, soak, terms, verify, waypoint } from './waypoints.ts'

/** How a rolling replacement goes about it. */
export interface RollingOptions<Asked extends Verification = Verification> extends CommonOptions<Asked> {
  /**
   * Who moves the instances. `native` is the cloud's own updater (an instance refresh), where the provider has one: in place, without a
   * drain of the fleet's own, and capacity meanwhile is its promise; imago gates it, and stops it when it is not to go on. The way back
   * is the engine's. @default 'engine'
   */
  readonly by?: 'engine' | 'native'
  /** Instances beyond the demand; a percentage rounds up. @default 1 */
  readonly maxSurge?: Count
  /** Instances that may be missing; a percentage rounds down. @default 0 */
  readonly maxUnavailable?: Count
  /** How long each instance must have been healthy before it counts. @default '0s' */
  readonly soak?: Duration
}

const schema = v.strictObject({
  ...common,
  by: v.optional(v.picklist(['engine', 'native'], "'engine' or 'native'"), 'engine'),
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
    ...(value?.by === 'native' ? { native: true } : {}),
    problems: (context) => [
      ...problems,
      ...(value === undefined ? [] : immovable(context, value.maxSurge, value.maxUnavailable)),
      ...(value?.by === 'native' ? nativeProblems(value, context) : []),
    ],
    plan: (context) => (value === undefined ? { waypoints: [], back: [], notes: [] } : course(value, context)),
  }
}

/** Said of the option that asks for it, rather than of each waypoint. */
function nativeProblems({ maxSurge, maxUnavailable, soak: soakMs }: Resolved, context: PlanContext): readonly Problem[] {
  const native = nativeOf(context)
  if (!native.can) return [{ path: 'strategy.by', found: `native, but ${native.why}`, allowed: native.instead ?? "'engine'" }]
  const { demand, floor } = context
  const { least, soak: waits = { can: true }, withoutSurge = { can: true } } = context.provider.updater ?? {}
  const counts = { maxSurge: countOf(maxSurge, demand, 'up'), maxUnavailable: demand - floorOf(floor, demand, maxUnavailable) }
  const few = Object.entries(counts).filter(([, count]) => least !== undefined && count > 0 && count < least.count)
  return [
    ...(withoutSurge.can || counts.maxSurge > 0
      ? []
      : [{ path: 'strategy.maxSurge', found: `0, by native, but ${withoutSurge.why}`, allowed: "at least 1; or by: 'engine'" }]),
    ...few.map(([name, count]) => ({
      path: `strategy.${name}`,
      found: `${count} of ${demand}, by native, but ${least?.why}`,
      allowed: `0, or at least ${least?.count}; or by: 'engine'`,
    })),
    ...(waits.can || soakMs === 0
      ? []
      : [{ path: 'strategy.soak', found: `${soakMs} ms, by native, but ${waits.why}`, allowed: "none; or by: 'engine'" }]),
  ]
}

function course(options: Resolved, context: PlanContext): Course {
  const given = terms(context, {
    healthyForMs: options.healthyFor,
    progressDeadlineMs: options.progressDeadline,
    failureLimit: options.failureLimit,
  })
  const budget: Budget = { maxSurge: options.maxSurge, maxUnavailable: options.maxUnavailable, soakMs: options.soak }
  const surges = countOf(options.maxSurge, context.demand, 'up') > 0
  const gates = [healthy(given), soak(options.soak), ...options.verify.map((one) => verify(one, options.verifyDeadline))]
  const agency = options.by
  // One that was begun by somebody else is past its first instance; what gates that gates the whole.
  const supervised = agency === 'native' && context.updating
  const shape = agency === 'native' ? FIRST_REPLACED : beside(surges)
  const first = waypoint('first', 'one candidate instance, which gates the rest', shape, gates, given, {
    // Its gate is the soak: with the budget's beside it, it would soak twice.
    budget: { ...budget, soakMs: 0 },
    reversible: surges && agency === 'engine' ? 'free' : 'regrow',
    agency,
  })
  const replaced = supervised ? gates : [healthy(given)]
  const replace = waypoint('replace', 'instance by instance to the candidate', moved('serving'), replaced, given, {
    budget,
    reversible: 'regrow',
    agency,
  })
  const retire = waypoint('retire-stable', 'stable retired', moved('retired'), [], given, {
    budget,
    reversible: 'rebuild',
    onDeadline: 'pause',
  })
  return {
    waypoints: supervised ? [replace, retire] : [first, replace, retire],
    back: backByCount(given, budget),
    notes: agency === 'native' ? [NATIVE_NOTE] : [],
  }
}

const NATIVE_NOTE =
  "The cloud's own updater moves the instances: how many serve meanwhile is its promise, and imago can only stop it. The way back is the engine's."

/** As few as an updater that counts in percent can be told to begin with. */
const FIRST_REPLACED: Shape = {
  generations: {
    stable: { size: { kind: 'rest' }, state: 'serving' },
    candidate: { size: { kind: 'at-least', share: 0.01 }, state: 'serving' },
  },
  routing: { by: 'count' },
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
