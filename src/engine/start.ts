import { differences } from '../core/differences.ts'
import { rolloutError } from '../core/errors.ts'
import { EVENT_FORMAT, type Fact, type RolloutEvent } from '../core/events.ts'
import type { Plan, PublicPlan } from '../core/plan.ts'
import type { FleetId } from '../core/snapshot.ts'
import { headOf, rememberHead } from './heads.ts'
import { appendJournal } from './journal.ts'
import { lookNow } from './make-plan.ts'
import { bindName } from './names.ts'
import type { Declared, Registry } from './registry.ts'
import type { By } from './rollout.ts'
import type { Runtime } from './runtime.ts'
import { sealOf } from './seal.ts'
import { rolloutIdAt } from './tracked.ts'

// S1. Starting journals and touches nothing else: anyone may drive the rollout then.
// S2. A fleet has one rollout at a time; the place in its stream decides between two that start at once.

/**
 * Journals a plan as a rollout of its fleet, after one more look.
 *
 * @returns the rollout's id.
 * @throws RolloutError `plan-expired`, `plan-stale` with the differences, `rollout-in-progress`, `name-taken`.
 */
export async function startRollout(
  runtime: Runtime,
  registry: Registry,
  fleet: Declared,
  plan: Plan,
  asked: By,
  signal?: AbortSignal,
): Promise<string> {
  const now = await runtime.caller.call('store', 'now', 3, () => runtime.store.now())
  if (now > plan.expiresAt) {
    const message = `The plan ${plan.id} expired at ${new Date(plan.expiresAt).toISOString()}; nothing was touched. Make a new one.`
    throw rolloutError('plan-expired', message, { expiredAt: plan.expiresAt })
  }
  const found = differences(plan, await lookNow(runtime, registry, fleet, signal))
  if (found.length > 0) {
    const lines = found.map((one) => `  ${one.path}: ${one.found} now, ${one.allowed} when planned`)
    throw rolloutError(
      'plan-stale',
      `The world is no longer what plan ${plan.id} rests on; nothing was touched:\n${lines.join('\n')}`,
      { differences: found },
    )
  }
  return await journalStart(runtime, fleet.name, plan, asked)
}

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
  await bindName(runtime, name, plan.fleet.id)
  const at = await runtime.caller.call('store', 'now', 3, () => runtime.store.now())
  const { sealed, ...open } = plan
  for (;;) {
    const head = await headOf(runtime, plan.fleet.id)
    if (!head.done && head.rolloutId !== undefined) throw inProgress(name, plan.fleet.id, head.rolloutId)
    const seq = head.nextSeq
    const rolloutId = rolloutIdAt(plan.fleet.id, seq)
    const hidden = await sealOf(runtime, rolloutId).close(sealed)
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

/** @throws RolloutError `rollout-in-progress` when the fleet has a rollout that has not ended. */
export async function refuseRunning(runtime: Runtime, name: string, fleet: FleetId): Promise<void> {
  const head = await headOf(runtime, fleet)
  if (!head.done && head.rolloutId !== undefined) throw inProgress(name, fleet, head.rolloutId)
}

function inProgress(name: string, fleet: FleetId, rolloutId: string) {
  const message = `The fleet ${name} has a rollout under way: ${rolloutId}. Let it end, abort it or roll it back first.`
  return rolloutError('rollout-in-progress', message, { fleet, rolloutId })
}
