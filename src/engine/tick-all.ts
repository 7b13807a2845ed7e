import { isRolloutError, type ErrorCode } from '../core/errors.ts'
import type { At, FleetId } from '../core/snapshot.ts'
import { headOf } from './heads.ts'
import { FLEETS, readPage } from './journal.ts'
import type { Lease } from './lease.ts'
import type { Registry } from './registry.ts'
import { readRequests } from './requests.ts'
import type { Runtime } from './runtime.ts'
import { takeTurn } from './turn.ts'

/** What one pass over all rollouts did. */
export interface TickReport {
  /** Rollouts that were given a turn. */
  readonly turns: readonly { readonly rolloutId: string; readonly done: boolean; readonly wakeAt: At }[]
  /** Fleets whose rollout was not, and why; its id is missing where even the journal could not be read. */
  readonly skipped: readonly {
    readonly fleet: FleetId
    readonly rolloutId?: string
    readonly code: ErrorCode
    readonly message: string
  }[]
  /** When the next turn of any of them is worth while; absent when none is under way. */
  readonly wakeAt?: At
}

/** What is remembered between passes: rollouts under way and when each is due, fleets at rest and where their stream ended. */
interface Memory {
  readonly active: Map<string, { readonly rolloutId: string; wakeAt: At }>
  readonly ended: Map<string, number>
}

/** Gives every rollout that is due its turn, one pass after another. */
export interface TickAll {
  /** @param budgetMs no turn is begun after this time. */
  tick(budgetMs: number, signal: AbortSignal | undefined): Promise<TickReport>
}

/** Passes over all rollouts of a store. */
export function tickAll(runtime: Runtime, lease: Lease, registry: Registry): TickAll {
  const memory: Memory = { active: new Map(), ended: new Map() }
  return {
    async tick(budgetMs, signal) {
      const { clock } = runtime.system
      const endAt = clock.monotonic() + budgetMs
      const timeLeft = () => signal?.aborted !== true && clock.monotonic() < endAt
      const unread = await discover(runtime, memory)
      const { turns, skipped } = await lease.driving(() => onePass(runtime, lease, registry, memory, timeLeft, signal))
      const wakeAt = earliest(memory)
      return { turns, skipped: [...unread, ...skipped], ...(wakeAt === undefined ? {} : { wakeAt }) }
    },
  }
}

async function onePass(
  runtime: Runtime,
  lease: Lease,
  registry: Registry,
  memory: Memory,
  timeLeft: () => boolean,
  signal: AbortSignal | undefined,
): Promise<Pick<TickReport, 'turns' | 'skipped'>> {
  const turns: TickReport['turns'][number][] = []
  const skipped: TickReport['skipped'][number][] = []
  const now = await runtime.caller.call('store', 'now', 3, () => runtime.store.now())
  for (const [fleet, due] of memory.active) {
    if (!timeLeft()) break
    const { rolloutId } = due
    try {
      const tracked = await registry.track(rolloutId)
      if (due.wakeAt > now && (await readRequests(runtime, tracked.state)).length === 0) continue
      const turn = await takeTurn(runtime, lease, tracked, registry.watched(tracked.state), signal)
      due.wakeAt = turn.wakeAt
      const done = turn.state.phase === 'done'
      turns.push({ rolloutId, done, wakeAt: turn.wakeAt })
      if (done) {
        memory.active.delete(fleet)
        memory.ended.set(fleet, turn.state.seq)
        registry.forget(rolloutId)
      }
    } catch (error) {
      if (!isRolloutError(error)) throw error
      skipped.push({ fleet, rolloutId, code: error.code, message: error.message })
    }
  }
  return { turns, skipped }
}

/** Rollouts may be started by any process at any time. @returns fleets whose journal cannot be read here: the others go on. */
async function discover(runtime: Runtime, memory: Memory): Promise<TickReport['skipped']> {
  const unread: TickReport['skipped'][number][] = []
  for (const stream of await runtime.caller.call('store', 'list', 3, () => runtime.store.list(FLEETS))) {
    const fleet = stream.slice(FLEETS.length)
    try {
      await discoverOne(runtime, memory, fleet)
    } catch (error) {
      if (!isRolloutError(error)) throw error
      unread.push({ fleet, code: error.code, message: error.message })
    }
  }
  return unread
}

async function discoverOne(runtime: Runtime, { active, ended }: Memory, fleet: FleetId): Promise<void> {
  if (active.has(fleet)) return
  const seen = ended.get(fleet)
  if (seen !== undefined && (await readPage(runtime, fleet, seen + 1)).length === 0) return
  const head = await headOf(runtime, fleet)
  if (head.done || head.rolloutId === undefined) ended.set(fleet, head.nextSeq - 1)
  else active.set(fleet, { rolloutId: head.rolloutId, wakeAt: 0 })
}

function earliest({ active }: Memory): At | undefined {
  let first: At | undefined
  for (const { wakeAt } of active.values()) if (first === undefined || wakeAt < first) first = wakeAt
  return first
}
