import { differences } from '../core/differences.ts'
import { rolloutError } from '../core/errors.ts'
import { EVENT_FORMAT, type PublicPlan, type RolloutEvent } from '../core/events.ts'
import type { Plan } from '../core/plan.ts'
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
  await bindName(runtime, fleet.name, plan.fleet.id)
  const found = differences(plan, await lookNow(runtime, registry, fleet, signal))
  if (found.length > 0) {
    const lines = found.map((one) => `  ${one.path}: ${one.found} now, ${one.allowed} when planned`)
    throw rolloutError(
      'plan-stale',
      `The world is no longer what plan ${plan.id} rests on; nothing was touched:\n${lines.join('\n')}`,
      { differences: found },
    )
  }
  return await journalStart(runtime, plan, asked, now)
}

async function journalStart(runtime: Runtime, plan: Plan, asked: By, at: number): Promise<string> {
  const { sealed, ...open } = plan
  for (;;) {
    const head = await headOf(runtime, plan.fleet.id)
    if (!head.done && head.rolloutId !== undefined) throw inProgress(plan, head.rolloutId)
    const seq = head.nextSeq
    const rolloutId = rolloutIdAt(plan.fleet.id, seq)
    const hidden = await sealOf(runtime, rolloutId).close(sealed)
    const event: RolloutEvent = {
      v: EVENT_FORMAT,
      seq,
      at,
      rolloutId,
      fleet: plan.fleet.id,
      epoch: head.epoch,
      type: 'rollout.started',
      plan: open satisfies PublicPlan,
      by: asked.by ?? runtime.system.user,
      ...(asked.reason === undefined ? {} : { reason: asked.reason }),
    }
    const result = await appendJournal(runtime, plan.fleet.id, [hidden === undefined ? { event } : { event, sealed: hidden }])
    if (result === 'taken') continue
    await rememberHead(runtime, plan.fleet.id, seq)
    return rolloutId
  }
}

function inProgress(plan: Plan, rolloutId: string) {
  const message = `The fleet ${plan.fleet.name} has a rollout under way: ${rolloutId}. Let it end, abort it or roll it back first.`
  return rolloutError('rollout-in-progress', message, { fleet: plan.fleet.id, rolloutId })
}
