import { differences } from '../core/differences.ts'
import { refuseForeign } from '../core/foreign.ts'
import { problemsError, rolloutError, type Problem, type RolloutError } from '../core/errors.ts'
import { EVENT_FORMAT, type Fact, type RolloutEvent } from '../core/events.ts'
import { canonical } from '../core/json.ts'
import type { Plan, PublicPlan } from '../core/plan.ts'
import type { FleetId, ProviderFacts } from '../core/snapshot.ts'
import { builtIn } from '../strategies/by-name.ts'
import { headOf, rememberHead } from './heads.ts'
import { appendJournal } from './journal.ts'
import { contactOf, lookNow } from './look-now.ts'
import { planRollout } from './make-plan.ts'
import { refuseMissing } from './missing.ts'
import { bindName } from './names.ts'
import type { Declared, Registry } from './registry.ts'
import type { By } from './rollout.ts'
import { imageDifferences } from './resolve.ts'
import type { Runtime } from './runtime.ts'
import { sealOf } from './seal.ts'
import { rolloutIdAt } from './tracked.ts'

// S1. Starting journals and touches nothing else: anyone may drive the rollout then.
// S2. A fleet has one rollout at a time; the place in its stream decides between two that start at once.
// S3. A plan is started as it was made, in the store it was made for, while what it rests on is as it was.

/** How a plan is started. */
export interface StartOptions extends By {
  /** Let go of what is under way. @default - wait for it */
  readonly signal?: AbortSignal
  /** Whether a plan that has expired, or that the world has left behind, is made anew from what it was asked for. @default 'refuse' */
  readonly ifStale?: 'refuse' | 'replan'
}

/**
 * Journals a plan as a rollout of its fleet, after one more look.
 *
 * @returns the rollout's id.
 * @throws RolloutError `plan-expired`, `plan-stale` with the differences, `spec-invalid`, `unsupported`, `adoption-refused`,
 * `rollout-in-progress`, `name-taken`, `name-unknown`.
 */
export async function startRollout(
  runtime: Runtime,
  registry: Registry,
  fleet: Declared,
  plan: Plan,
  options: StartOptions,
): Promise<string> {
  const { signal, ifStale = 'refuse' } = options
  refuseOtherStore(runtime, plan)
  refuseMissing(runtime, plan)
  const stale = await staleness(runtime, registry, fleet, plan, signal)
  if (stale === undefined) return await journalStart(runtime, fleet.name, plan, options)
  if (ifStale === 'refuse') throw stale
  const anew = await planAnew(runtime, registry, fleet, plan, stale, signal)
  return await startRollout(runtime, registry, fleet, anew, { ...options, ifStale: 'refuse' })
}

/** Why a plan cannot be started any more; `undefined` when it can. @throws RolloutError for what planning anew would not mend. */
async function staleness(
  runtime: Runtime,
  registry: Registry,
  fleet: Declared,
  plan: Plan,
  signal: AbortSignal | undefined,
): Promise<RolloutError | undefined> {
  const snapshot = await lookNow(runtime, registry, fleet, signal)
  refuseUnchanging(fleet.name, snapshot.facts)
  await refuseRunning(runtime, fleet.name, snapshot.fleet)
  const supervises = plan.waypoints[0]?.agency === 'native' ? plan.candidate.release.id : undefined
  refuseForeign(contactOf(runtime, fleet, snapshot, plan.takesOver, supervises))
  if (snapshot.beganAt > plan.expiresAt) return expired(plan)
  const asked = { runtime, registry, fleet, id: snapshot.fleet, signal }
  const found = [...declared(fleet, plan), ...differences(plan, snapshot), ...(await imageDifferences(asked, plan))]
  return found.length === 0 ? undefined : outOfDate(plan, found)
}

/** The same plan for the world of now, from what it was asked for. */
async function planAnew(
  runtime: Runtime,
  registry: Registry,
  fleet: Declared,
  plan: Plan,
  stale: RolloutError,
  signal: AbortSignal | undefined,
): Promise<Plan> {
  const strategy = builtIn(plan)
  // One of somebody's own is code, which no plan holds.
  if (strategy === undefined) throw stale
  const { asked, takesOver } = plan
  const { base, ...wanted } = asked
  const spec = { ...wanted, strategy, ...(takesOver === undefined ? {} : { takeOver: takesOver }) }
  return await planRollout(runtime, registry, fleet, spec, { base, signal })
}

/** @throws RolloutError `spec-invalid`: what was seen of another store's rollouts when the plan was made says nothing here. */
function refuseOtherStore(runtime: Runtime, { fleet: { store } }: Plan): void {
  if (store === runtime.store.id) return
  throw problemsError('spec-invalid', 'The plan was made for another store', [
    {
      path: 'fleet.store',
      found: store,
      allowed: `${runtime.store.id}, the store of this process: plan with it, or start there`,
    },
  ])
}

/** How this process declares the fleet otherwise than the one that planned. */
function declared({ provider, placement }: Declared, { fleet: planned }: Plan): Problem[] {
  const problems: Problem[] = []
  if (provider !== planned.provider) problems.push({ path: 'fleet.provider', found: provider, allowed: planned.provider })
  if (canonical(placement) !== canonical(planned.placement))
    problems.push({ path: 'fleet.placement', found: canonical(placement), allowed: canonical(planned.placement) })
  return problems
}

function expired({ id, expiresAt }: Plan) {
  const message = `The plan ${id} expired at ${new Date(expiresAt).toISOString()}; nothing was touched. ${ANEW}`
  return rolloutError('plan-expired', message, { expiredAt: expiresAt })
}

function outOfDate(plan: Plan, found: readonly Problem[]) {
  const lines = found.map((one) => `  ${one.path}: ${one.found} now, ${one.allowed} when planned`)
  const message = `The world is no longer what plan ${plan.id} rests on; nothing was touched:\n${lines.join('\n')}\n${ANEW}`
  return rolloutError('plan-stale', message, { differences: found })
}

const ANEW = "Make a new one, or start it with { ifStale: 'replan' }."

/**
 * Journals a plan as a rollout, with what is to follow at once.
 *
 * @returns the rollout's id.
 * @throws RolloutError `rollout-in-progress`, `name-taken`.
 */
export async function journalStart(
  runtime: Runtime,
  name: string,
  plan: Plan,
  asked: By,
  next: readonly Fact[] = [],
): Promise<string> {
  await bindName(runtime, name, plan.fleet.id, plan.fleet.placement)
  const at = await runtime.store.now()
  const { sealed, asked: _asked, ...open } = plan
  for (;;) {
    const head = await headOf(runtime, plan.fleet.id)
    if (!head.done && head.rolloutId !== undefined) throw inProgress(name, plan.fleet.id, head.rolloutId)
    const seq = head.nextSeq
    const rolloutId = rolloutIdAt(plan.fleet.id, seq)
    const hidden = await sealOf(rolloutId).close(runtime, sealed)
    const header = { v: EVENT_FORMAT, at, rolloutId, fleet: plan.fleet.id, epoch: head.epoch }
    const event: RolloutEvent = {
      ...header,
      seq,
      type: 'rollout.started',
      plan: open satisfies PublicPlan,
      by: asked.by ?? runtime.system.user,
      ...(asked.reason === undefined ? {} : { reason: asked.reason }),
    }
    const following = next.map((fact, index) => ({ event: { ...header, seq: seq + 1 + index, ...fact } }))
    const first = hidden === undefined ? { event } : { event, sealed: hidden }
    const result = await appendJournal(runtime, plan.fleet.id, [first, ...following])
    if (result === 'taken') continue
    await rememberHead(runtime, plan.fleet.id, seq)
    return rolloutId
  }
}

/** @throws RolloutError `unsupported` where the provider describes and plans fleets, and changes none. */
export function refuseUnchanging(name: string, { changes }: ProviderFacts): void {
  if (changes === undefined || changes.can) return
  const problem = { path: 'provider', found: changes.why, allowed: changes.instead ?? 'a provider that changes fleets' }
  throw problemsError('unsupported', `The rollout of ${name} cannot be started`, [problem])
}

/** @throws RolloutError `rollout-in-progress` when the fleet has a rollout that has not ended. */
export async function refuseRunning(runtime: Runtime, name: string, fleet: FleetId): Promise<void> {
  const head = await headOf(runtime, fleet)
  if (!head.done && head.rolloutId !== undefined) throw inProgress(name, fleet, head.rolloutId)
}

function inProgress(name: string, fleet: FleetId, rolloutId: string) {
  const message = `The fleet ${name} has a rollout under way: ${rolloutId}. Let it end, abort it or roll it back first.`
  return rolloutError('rollout-in-progress', message, { fleet, rolloutId })
}
