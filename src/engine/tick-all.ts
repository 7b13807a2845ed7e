import { isRolloutError, type ErrorCode } from '../core/errors.ts'
import type { At, FleetId } from '../core/snapshot.ts'
import { headOf } from './heads.ts'
import { FLEETS, readPage } from './journal.ts'
import type { Lease } from './lease.ts'
import type { Term } from './life.ts'
import type { Registry } from './registry.ts'
import { readRequests } from './requests.ts'
import { within, type Runtime } from './runtime.ts'
import { letGo } from './scope.ts'
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

interface Due {
  readonly rolloutId: string
  wakeAt: At
}

/** What is remembered between passes: rollouts under way and when each is due, fleets at rest and where their stream ended. */
interface Memory {
  readonly active: Map<string, Due>
  readonly ended: Map<string, number>
}

/** Gives every rollout that is due its turn, one pass after another. */
export interface TickAll {
  /** @param budgetMs no turn is begun after this time. */
  tick(budgetMs: number, term: Term): Promise<TickReport>
}

/** Turns under way at once: one that waits for a call or a check keeps nobody else waiting, those that look side by side share reads, and memory stays small. */
const TURNS_AT_ONCE = 64

/** Passes over all rollouts of a store. */
export function tickAll(runtime: Runtime, lease: Lease, registry: Registry): TickAll {
  const memory: Memory = { active: new Map(), ended: new Map() }
  return {
    async tick(budgetMs, term) {
      const { clock } = runtime.system
      const endAt = clock.monotonic() + budgetMs
      const pass: Pass = {
        runtime: within(runtime, {}, term.lastWords),
        lease,
        registry,
        memory,
        term,
        timeLeft: () => !letGo(term.signal) && clock.monotonic() < endAt,
        turns: [],
        skipped: await discover(within(runtime, {}, term.lastWords), memory),
      }
      await lease.driving(pass.runtime, () => onePass(pass))
      const wakeAt = earliest(memory)
      return { turns: pass.turns, skipped: pass.skipped, ...(wakeAt === undefined ? {} : { wakeAt }) }
    },
  }
}

interface Pass {
  readonly runtime: Runtime
  readonly lease: Lease
  readonly registry: Registry
  readonly memory: Memory
  readonly term: Term
  timeLeft(): boolean
  readonly turns: TickReport['turns'][number][]
  readonly skipped: TickReport['skipped'][number][]
}

/** Those that are due longest come first, so that a short budget passes nobody by for ever. */
async function onePass(pass: Pass): Promise<void> {
  const now = await pass.runtime.store.now()
  const waiting = [...pass.memory.active].sort(([, a], [, b]) => a.wakeAt - b.wakeAt).values()
  const faults: unknown[] = []
  const worker = async () => {
    for (const [fleet, due] of waiting) {
      if (!pass.timeLeft()) return
      await oneOfAll(pass, fleet, due, now).catch((fault: unknown) => faults.push(fault))
    }
  }
  await Promise.all(Array.from({ length: TURNS_AT_ONCE }, worker))
  // What should not happen harms nobody else's turn either: it is told when everybody has had one.
  if (faults.length > 0) throw faults[0]
}

async function oneOfAll({ runtime, ...pass }: Pass, fleet: FleetId, due: Due, now: At): Promise<void> {
  const { registry, memory, term } = pass
  const { rolloutId } = due
  try {
    const tracked = await registry.track(rolloutId, term.lastWords)
    const inside = within(runtime, { fleet: tracked.state.plan.fleet.name, rolloutId }, term.lastWords)
    if (due.wakeAt > now && (await readRequests(inside, tracked.state)).length === 0) return
    const turn = await takeTurn(inside, pass.lease, tracked, registry.watched(tracked.state), term)
    due.wakeAt = turn.wakeAt
    const done = turn.state.phase === 'done'
    pass.turns.push({ rolloutId, done, wakeAt: turn.wakeAt })
    if (done) {
      memory.active.delete(fleet)
      memory.ended.set(fleet, turn.state.seq)
      registry.forget(rolloutId)
    }
  } catch (error) {
    if (!isRolloutError(error)) throw error
    pass.skipped.push({ fleet, rolloutId, code: error.code, message: error.message })
  }
}

/** Rollouts may be started by any process at any time. @returns fleets whose journal cannot be read here: the others go on. */
async function discover(runtime: Runtime, memory: Memory): Promise<TickReport['skipped'][number][]> {
  const unread: TickReport['skipped'][number][] = []
  for (const stream of await runtime.store.list(FLEETS)) {
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
