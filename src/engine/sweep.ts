import { findStable } from '../core/adoption.ts'
import { isRolloutError } from '../core/errors.ts'
import type { Report } from '../core/report.ts'
import type { FleetSnapshot, GroupId, HoldView } from '../core/snapshot.ts'
import { bounded, LOOK_DEADLINE_MS } from './deadline.ts'
import { planOfLost, type Met } from './import.ts'
import { contactOf, lookNow } from './look-now.ts'
import type { Declared, Registry } from './registry.ts'
import type { By } from './rollout.ts'
import type { Runtime } from './runtime.ts'
import { journalStart, refuseRunning } from './start.ts'

/** What was swept from one fleet. */
export interface Swept {
  readonly fleet: string
  /** Marks that had run out and were undone, with whose they were. */
  readonly marks: readonly { readonly group: GroupId; readonly kind: HoldView['kind']; readonly owner: string }[]
  /** The rollout that retired what earlier ones had left behind; its outcome is `rolled-back`. @default - nothing was left */
  readonly rollout?: Report
  /** Why this fleet was left alone. @default - it was swept */
  readonly skipped?: string
}

/** Who sweeps. */
export type SweepOptions = By & { readonly signal?: AbortSignal }

/** Undoes marks that ran out, and retires generations without traffic that earlier rollouts left behind. */
export async function sweepFleet(
  runtime: Runtime,
  registry: Registry,
  fleet: Declared,
  by: By,
  signal: AbortSignal,
): Promise<Swept> {
  try {
    const snapshot = await lookNow(runtime, registry, fleet, signal)
    const met = { runtime, registry, fleet, snapshot }
    await refuseRunning(runtime, fleet.name, snapshot.fleet)
    const found = findStable(contactOf(runtime, fleet, snapshot, undefined))
    const marks = await undoMarks(met, signal)
    const [first, ...leftovers] = found.leftovers
    if (first === undefined) return { fleet: fleet.name, marks }
    const lost = { ...found, candidate: first, leftovers }
    return { fleet: fleet.name, marks, rollout: await retire(met, lost, by, signal) }
  } catch (error) {
    if (!isRolloutError(error)) throw error
    return { fleet: fleet.name, marks: [], skipped: error.message }
  }
}

/** Undoing is by owner and repeatable: of all changes it alone needs no journal. */
async function undoMarks({ runtime, registry, fleet, snapshot }: Met, signal: AbortSignal): Promise<Swept['marks']> {
  const marks = expired(snapshot)
  const { provider, target } = { provider: registry.providerOf(fleet), target: registry.target(fleet, snapshot.fleet) }
  for (const { group, kind, owner } of marks)
    await bounded(runtime.system.clock, LOOK_DEADLINE_MS, signal, 'release', (within) =>
      runtime.caller.call(
        { port: 'provider', target: fleet.provider, name: 'release', times: 2 },
        () => provider.release(target, group, kind, owner, { signal: within, token: `sweep/${owner}/${kind}/${group}` }),
        within,
      ),
    )
  return marks
}

/** Scale-in first and the claim last, as at the end of every rollout; only what no late call of the owner can follow any more. */
function expired({ groups, beganAt, facts }: FleetSnapshot): Swept['marks'] {
  const all = groups.flatMap((group) => group.holds.map((hold) => ({ group: group.id, hold })))
  return all
    .filter(({ hold }) => hold.expiresAt + facts.lateCallHorizonMs <= beganAt)
    .sort((a, b) => Number(a.hold.kind === 'claim') - Number(b.hold.kind === 'claim'))
    .map(({ group, hold: { kind, owner } }) => ({ group, kind, owner }))
}

/** What was left behind goes as any candidate goes: by a rollout that is on its way back from its first event on. */
async function retire(met: Met, lost: Parameters<typeof planOfLost>[1], by: By, signal: AbortSignal): Promise<Report> {
  const { runtime, registry, fleet } = met
  const plan = await planOfLost(met, lost, { signal })
  const asked = { by: by.by ?? runtime.system.user, reason: by.reason ?? 'swept' }
  const cause = `${asked.by} swept what earlier rollouts had left behind`
  const rolloutId = await journalStart(runtime, fleet.name, plan, asked, [{ type: 'rollback.started', cause, ...asked }])
  const rollout = registry.handle(await registry.track(rolloutId, signal, 'start'))
  return await rollout.run({ signal })
}
