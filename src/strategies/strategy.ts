import type { Problem } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import { floorOf } from '../core/capacity.ts'
import type { Course } from '../core/course.ts'
import { countOf, type Count } from '../core/shape.ts'
import type { Can, ProviderFacts, RouterFacts } from '../core/snapshot.ts'

/** What a strategy may know when it chooses waypoints. Plain data: the same in, the same plan out. */
export interface PlanContext {
  /** Instances the fleet has now; rounding is shown for this number, the plan itself holds shares. */
  readonly demand: number
  /** Healthy serving capacity that is never given up. */
  readonly floor: Count
  readonly placement: 'clone' | 'slots' | 'in-place'
  /** Whether instances are drained before they are removed: by a hook or a check, beside their route. */
  readonly drains: boolean
  /** Whether the cloud's own updater is at work, to be supervised. */
  readonly updating: boolean
  readonly provider: ProviderFacts
  /** Absent when the fleet has no router. */
  readonly router?: RouterFacts
}

/**
 * A way to choose waypoints, as a value. Its types say what it needs of a fleet and which checks it names, so that
 * a misspelt check and blue/green without weights do not compile.
 */
export interface Strategy<Needs extends 'weights' | 'nothing' = 'weights' | 'nothing', Checks extends string = string> {
  readonly name: string
  readonly version: number
  /** As resolved, for the plan. */
  readonly options: Json
  readonly needs: Needs
  /** Whether the cloud's own updater does the work: one that is at work already is supervised. @default - the engine does it */
  readonly native?: true
  /** Names of the checks it asks. */
  readonly checks: readonly Checks[]
  /** Names of the metric sources it asks. */
  readonly sources: readonly string[]
  /** What is wrong with its options, or what this fleet cannot do for it; empty when it can be planned. */
  problems(context: PlanContext): readonly Problem[]
  /** Pure. Called only when there is no problem. */
  plan(context: PlanContext): Course
}

/** Whether a fleet's routing is by weights: its router can, and each generation has a group of its own. */
export function byWeights(context: PlanContext): boolean {
  return context.router?.weights.can === true && context.placement !== 'in-place'
}

/** Whether the cloud's own updater can roll a fleet, with every reason why not. */
export function nativeOf({ placement, provider, drains }: PlanContext): Can {
  const why = [
    ...(placement === 'in-place' ? [] : [`an updater works in place, and the groups are ${placement}`]),
    ...(provider.native.can ? [] : [provider.native.why]),
    ...(drains ? ['an updater ends instances without asking them whether they have drained'] : []),
  ]
  return why.length === 0 ? provider.native : { can: false, why: why.join('; and ') }
}

/**
 * Why a budget lets no instance move at all, or nothing. The floor counts: with 100 % of one instance and no surge,
 * nothing that is unavailable may be.
 */
export function immovable(context: PlanContext, maxSurge: Count, maxUnavailable: Count): readonly Problem[] {
  const { demand, floor } = context
  const spare = demand - floorOf(floor, demand, maxUnavailable)
  if (demand === 0 || countOf(maxSurge, demand, 'up') + spare > 0) return []
  const found = `${maxSurge}, with maxUnavailable ${maxUnavailable} and a floor of ${floor} of ${demand}`
  return [{ path: 'strategy.maxSurge', found, allowed: 'a budget that lets at least one instance move' }]
}
