import { findLostRollout, takenOut, type LostRollout } from '../core/lost-rollout.ts'
import { makePlan } from '../core/make-plan.ts'
import type { Plan } from '../core/plan.ts'
import type { FleetSnapshot } from '../core/snapshot.ts'
import { defaultStrategy } from '../strategies/by-name.ts'
import type { PlanContext, Strategy } from '../strategies/strategy.ts'
import { headOf } from './heads.ts'
import { contactOf, lookNow } from './look-now.ts'
import { choose, contextOf, fleetProblems, partsOf, refusal } from './make-plan.ts'
import type { Declared, Registry } from './registry.ts'
import { resolveNow } from './resolve.ts'
import type { By } from './rollout.ts'
import type { Runtime } from './runtime.ts'
import { journalStart, refuseRunning, refuseUnchanging } from './start.ts'

/** What is known of a rollout whose journal is no more. */
export interface ImportSpec<S extends Strategy = Strategy> extends By {
  /** How it goes on once a person resumes it. @default - blue/green where the router has weights, else rolling */
  readonly strategy?: S
  /** The rollout whose claim is taken over although it has not run out. @default - a claim of another store is respected */
  readonly takeOver?: string
  /** Let go of what is under way. @default - wait for it */
  readonly signal?: AbortSignal
}

/**
 * Rebuilds a rollout from marks and world, paused: what had been proven is not known, so a person decides whether it
 * goes on, goes back or ends here. Journals, and touches nothing else.
 *
 * @returns the rollout's id.
 * @throws RolloutError `adoption-refused` with the choices, `rollout-in-progress` when the journal is there after all.
 */
export async function importRollout(runtime: Runtime, registry: Registry, fleet: Declared, spec: ImportSpec): Promise<string> {
  const snapshot = await lookNow(runtime, registry, fleet, spec.signal)
  refuseUnchanging(fleet.name, snapshot.facts)
  await refuseRunning(runtime, fleet.name, snapshot.fleet)
  const lost = findLostRollout(contactOf(runtime, fleet, snapshot, spec.takeOver))
  const plan = await planOfLost({ runtime, registry, fleet, snapshot }, lost, spec)
  const asked = { by: spec.by ?? runtime.system.user, reason: spec.reason ?? 'rebuilt from marks and world' }
  return await journalStart(runtime, fleet.name, plan, asked, [{ type: 'rollout.paused', ...asked }, ...takenOut(plan, snapshot)])
}

/** What a plan for something that is there already is made from. */
export interface Met {
  readonly runtime: Runtime
  readonly registry: Registry
  readonly fleet: Declared
  readonly snapshot: FleetSnapshot
}

/** A plan whose candidate is there already. */
export async function planOfLost(
  { runtime, registry, fleet, snapshot }: Met,
  { candidate, ...found }: LostRollout,
  spec: ImportSpec,
): Promise<Plan> {
  const context = sharing(contextOf(fleet, snapshot, found.demand), found.stable.binding, candidate.binding)
  const strategy = spec.strategy ?? defaultStrategy(context)
  const { course, problems } = choose(runtime, fleet, strategy, context)
  const obstacles = fleetProblems(fleet, snapshot)
  if (course === undefined || obstacles.length > 0) throw refusal(fleet, problems, obstacles)
  const asked = { runtime, registry, fleet, id: snapshot.fleet, signal: spec.signal }
  const resolved = await resolveNow(asked, { base: candidate.release })
  const { groups: usedGroups } = await headOf(runtime, snapshot.fleet)
  const parts = partsOf(runtime, fleet, snapshot, strategy, course)
  // The provider keeps what it launches from already: nothing needs to be sealed.
  const release = { ...resolved, release: candidate.release, sealed: null }
  return makePlan({ ...parts, found, candidate, usedGroups, resolved: release, takesOver: spec.takeOver })
}

/** Generations that share a route are told apart by nothing but the count of their instances, whatever the router can do. */
function sharing(context: PlanContext, stable: string | undefined, candidate: string | undefined): PlanContext {
  const { router } = context
  if (router === undefined || stable === undefined || stable !== candidate) return context
  return { ...context, router: { ...router, weights: { can: false, why: `both generations share the route ${stable}` } } }
}
