import { isRolloutError, type ErrorCode } from '../core/errors.ts'
import type { At } from '../core/snapshot.ts'
import { headOf } from './heads.ts'
import { FLEETS } from './journal.ts'
import type { Lease } from './lease.ts'
import type { Registry } from './registry.ts'
import type { Runtime } from './runtime.ts'
import { takeTurn } from './turn.ts'

/** What one pass over all rollouts did. */
export interface TickReport {
  /** Rollouts that were given a turn. */
  readonly turns: readonly { readonly rolloutId: string; readonly done: boolean; readonly wakeAt: At }[]
  /** Rollouts that were not, and why. */
  readonly skipped: readonly { readonly rolloutId: string; readonly code: ErrorCode; readonly message: string }[]
  /** When the next turn of any of them is worth while; absent when none is under way. */
  readonly wakeAt?: At
}

interface Due {
  readonly rolloutId: string
  wakeAt: At
}

/** Gives every rollout that is due its turn, one pass after another. */
export interface TickAll {
  /** @param budgetMs no turn is begun after this time. */
  tick(budgetMs: number, signal: AbortSignal | undefined): Promise<TickReport>
}

/** Remembers between passes which rollouts are under way and when each is due. */
export function tickAll(runtime: Runtime, lease: Lease, registry: Registry): TickAll {
  const active = new Map<string, Due>()
  const ended = new Map<string, number>()
  return {
    async tick(budgetMs, signal) {
      const endAt = runtime.system.clock.monotonic() + budgetMs
      const turns: TickReport['turns'][number][] = []
      const skipped: TickReport['skipped'][number][] = []
      await discover()
      const now = await runtime.caller.call('store', 'now', 3, () => runtime.store.now())
      await lease.driving(async () => await giveTurns(now))
      const wakeAt = earliest(active.values())
      return { turns, skipped, ...(wakeAt === undefined ? {} : { wakeAt }) }

      async function giveTurns(now: At): Promise<void> {
        for (const [fleet, due] of active) {
          if (signal?.aborted === true || runtime.system.clock.monotonic() >= endAt) break
          if (due.wakeAt > now && !(await asked(due.rolloutId))) continue
          try {
            const tracked = await registry.track(due.rolloutId)
            const turn = await takeTurn(runtime, lease, tracked, registry.watched(tracked.state), signal)
            due.wakeAt = turn.wakeAt
            const done = turn.state.phase === 'done'
            turns.push({ rolloutId: due.rolloutId, done, wakeAt: turn.wakeAt })
            if (done) end(fleet, due.rolloutId, turn.state.seq)
          } catch (error) {
            if (!isRolloutError(error)) throw error
            skipped.push({ rolloutId: due.rolloutId, code: error.code, message: error.message })
          }
        }
      }
    },
  }

  /** Rollouts may be started by any process at any time. */
  async function discover(): Promise<void> {
    for (const stream of await runtime.caller.call('store', 'list', 3, () => runtime.store.list(FLEETS))) {
      const fleet = stream.slice(FLEETS.length)
      if (active.has(fleet)) continue
      const seen = ended.get(fleet)
      if (
        seen !== undefined &&
        (await runtime.caller.call('store', 'read', 3, () => runtime.store.read(stream, seen + 1))).length === 0
      )
        continue
      const head = await headOf(runtime, fleet)
      if (head.done || head.rolloutId === undefined) ended.set(fleet, head.nextSeq - 1)
      else active.set(fleet, { rolloutId: head.rolloutId, wakeAt: 0 })
    }
  }

  async function asked(rolloutId: string): Promise<boolean> {
    const { state } = await registry.track(rolloutId)
    const found = await runtime.caller.call('store', 'read', 3, () =>
      runtime.store.read(`requests/${rolloutId}`, state.requestsSeen + 1),
    )
    return found.length > 0
  }

  function end(fleet: string, rolloutId: string, seq: number): void {
    active.delete(fleet)
    ended.set(fleet, seq)
    registry.forget(rolloutId)
  }
}

function earliest(all: Iterable<Due>): At | undefined {
  let first: At | undefined
  for (const { wakeAt } of all) if (first === undefined || wakeAt < first) first = wakeAt
  return first
}
