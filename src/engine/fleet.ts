import { rolloutError } from '../core/errors.ts'
import type { RolloutEvent } from '../core/events.ts'
import type { Json } from '../core/json.ts'
import type { Plan } from '../core/plan.ts'
import { reportOf, type Report } from '../core/report.ts'
import type { RouterLimits } from '../core/ports.ts'
import type { FleetSnapshot } from '../core/snapshot.ts'
import type { Strategy } from '../strategies/strategy.ts'
import { driftOf, type Drift } from '../core/drift.ts'
import { readJournal } from './journal.ts'
import { importRollout, type ImportSpec } from './import.ts'
import { idOf, lookNow } from './look-now.ts'
import { planRollout } from './make-plan.ts'
import { readPlan } from './read-plan.ts'
import type { Declared, Registry } from './registry.ts'
import type { By, Rollout } from './rollout.ts'
import { during, type Runtime } from './runtime.ts'
import type { RolloutSpec } from './rollout-spec.ts'
import { startRollout, type StartOptions } from './start.ts'

/** Strategies that a fleet can carry: without weights in its router, those that need none. */
export type StrategyFor<Limits extends RouterLimits, Checks extends string> = Strategy<
  Limits['weights'] extends false ? 'nothing' : 'weights' | 'nothing',
  Checks
>

/** A fleet: what it is, what would happen to it, and what did. */
export interface Fleet<Limits extends RouterLimits = RouterLimits, Checks extends string = string> {
  readonly name: string
  /**
   * Makes a plan and touches nothing; read permissions are enough. `plan.toString()` is the table for people.
   *
   * @throws RolloutError `spec-invalid` or `unsupported` with every problem at once, `adoption-refused` with the choices.
   */
  plan(spec: RolloutSpec<StrategyFor<Limits, Checks>>, options?: { readonly signal?: AbortSignal }): Promise<Plan>
  /**
   * Journals a plan, or its JSON, and touches nothing else: any process may drive the rollout then. It looks again first.
   *
   * @throws RolloutError `plan-expired`, `plan-stale` with the differences, `adoption-refused`, `rollout-in-progress`,
   * `name-unknown`, `spec-invalid` for what is no plan of this fleet and store, `format-newer`, `unsupported` where the provider changes no
   * fleets.
   */
  start(plan: Plan | string, options?: StartOptions): Promise<Rollout>
  /** Plans, starts and drives. @throws RolloutError `not-promoted`, which carries the report, for every other outcome. */
  roll(spec: RolloutSpec<StrategyFor<Limits, Checks>>, options?: By & { readonly signal?: AbortSignal }): Promise<Report>
  /**
   * Rebuilds the rollout of a fleet whose store was lost from marks and world, paused: resume it, roll it back or abort it.
   * Journals, and touches nothing else.
   *
   * @throws RolloutError `adoption-refused` with the choices, `rollout-in-progress`, `spec-invalid`.
   */
  import(spec?: ImportSpec<StrategyFor<Limits, Checks>>): Promise<Rollout>
  /** One look: groups, instances, weights, sizes, holds, and what the fleet can do. */
  describe(options?: { readonly signal?: AbortSignal }): Promise<FleetSnapshot>
  /** Instances, weights and holds that are not what the fleet is said to be. */
  drift(options?: { readonly signal?: AbortSignal }): Promise<readonly Drift[]>
  /** Reports of all rollouts of this fleet, the newest last. */
  history(): Promise<readonly Report[]>
}

/** A handle on a declared fleet. */
export function fleetHandle(runtime: Runtime, registry: Registry, fleet: Declared): Fleet {
  const doing = <T>(given: AbortSignal | undefined, body: (within: Runtime, signal: AbortSignal) => Promise<T>) =>
    during(runtime, { fleet: fleet.name }, given, body)
  const started = async (rolloutId: string, signal: AbortSignal) =>
    registry.handle(await registry.track(rolloutId, signal, 'start'))
  const start = async (within: Runtime, plan: Plan, options: StartOptions, signal: AbortSignal) =>
    await started(await startRollout(within, registry, fleet, plan, { ...options, signal }), signal)
  const look = (options?: { readonly signal?: AbortSignal }) =>
    doing(options?.signal, (within, signal) => lookNow(within, registry, fleet, signal))
  return {
    name: fleet.name,
    plan: (spec, options) => doing(options?.signal, (within, signal) => planRollout(within, registry, fleet, spec, { signal })),
    async start(given, options = {}) {
      const plan = readPlan(given)
      if (plan.fleet.name !== fleet.name) throw otherFleet(plan, fleet)
      return await doing(options.signal, (within, signal) => start(within, plan, options, signal))
    },
    roll: (spec, options = {}) =>
      doing(options.signal, async (within, signal) => {
        const plan = await planRollout(within, registry, fleet, spec, { signal })
        const rollout = await start(within, plan, options, signal)
        const report = await rollout.run({ signal })
        if (report.outcome !== 'promoted') throw notPromoted(report)
        return report
      }),
    import: (spec = {}) =>
      doing(spec.signal, async (within, signal) =>
        started(await importRollout(within, registry, fleet, { ...spec, signal }), signal),
      ),
    describe: look,
    drift: async (options) => driftOf(await look(options)),
    history: () =>
      doing(undefined, async (within, signal) => {
        const id = await idOf(within, registry, fleet, signal)
        return reportsOf((await readJournal(within, id, 1)).map((entry) => entry.event))
      }),
  }
}

function otherFleet(plan: Plan, fleet: Declared) {
  return rolloutError('name-unknown', `The plan is for the fleet ${plan.fleet.name}, not for ${fleet.name}.`, {
    kind: 'fleet',
    name: plan.fleet.name,
    known: [fleet.name],
  })
}

function reportsOf(events: readonly RolloutEvent[]): Report[] {
  const byRollout = new Map<string, RolloutEvent[]>()
  for (const event of events) {
    const known = byRollout.get(event.rolloutId)
    if (known === undefined) byRollout.set(event.rolloutId, [event])
    else known.push(event)
  }
  return [...byRollout.values()].map(reportOf)
}

function notPromoted(report: Report) {
  const { outcome, reason, next } = report
  const message = `${report.rolloutId} ended ${outcome}: ${reason}. ${next}.`
  return rolloutError('not-promoted', message, { outcome, reason, next, report: report as unknown as Json })
}
