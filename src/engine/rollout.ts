import type { EventOf, EventType, RolloutEvent } from '../core/events.ts'
import type { Report } from '../core/report.ts'
import type { FleetId } from '../core/snapshot.ts'
import type { RolloutState } from '../core/state.ts'
import type { About } from './calls.ts'
import { drive } from './drive.ts'
import { readPage, type JournalEntry } from './journal.ts'
import type { Lease } from './lease.ts'
import type { Term } from './life.ts'
import { leaveRequest, type Asking } from './requests.ts'
import { during, within, type Runtime } from './runtime.ts'
import { letGo } from './scope.ts'
import type { Watched } from './take-look.ts'
import { parseRolloutId, sync, type Tracked } from './tracked.ts'
import { takeTurn, type Turn } from './turn.ts'

/** Who asks, and why. */
export interface By {
  /** @default - the account this process runs as */
  readonly by?: string
  readonly reason?: string
}

/** One rollout: drive it, watch it, tell it what to do. Any process that shares the store can make one of these. */
export interface Rollout {
  readonly id: string
  readonly fleet: FleetId
  /** The state as this process last saw it. */
  readonly state: RolloutState
  /**
   * Called with each journaled event of a type, in order, once per process. Emission waits for `run` or `tick`, so that
   * nothing is lost between `start` and the first listener; a rollout that was found again emits what is journaled from
   * then on, for its past is in {@link Rollout.events}. A listener that throws or rejects is reported, and nothing else; what
   * it answers is of no concern.
   *
   * @returns a function that ends it.
   */
  on<T extends EventType>(type: T, listener: (event: EventOf<T>) => unknown): () => void
  /** The same for every event. */
  onAny(listener: (event: RolloutEvent) => unknown): () => void
  /** Every event from a sequence on (0: all), then those that follow, until it has ended. Read from the store; leaving the loop changes nothing. */
  events(options?: { readonly from?: number; readonly signal?: AbortSignal }): AsyncIterable<RolloutEvent>
  /**
   * Drives the rollout until it has ended, and answers with the report whatever the outcome. A signal lets go: calls in
   * flight are abandoned, nothing is rolled back, and the report says `unfinished`.
   *
   * @throws RolloutError `driven-elsewhere` (with who, since when and until when), `fenced`, `call-failed` when the store does
   * not answer two seconds after that either.
   */
  run(options?: { readonly signal?: AbortSignal; readonly onTurn?: (turn: Turn) => void }): Promise<Report>
  /** Does one turn. */
  tick(options?: { readonly signal?: AbortSignal }): Promise<Turn>
  /** The report as far as it has come. */
  report(): Promise<Report>
  /** Keeps the fleet as it is: growth that follows demand and holds go on, nothing else. */
  pause(options?: By): Promise<void>
  resume(options?: By): Promise<void>
  /** Opens the gates that wait; `full` skips all that follow but health. */
  promote(options?: By & { readonly full?: boolean }): Promise<void>
  /** Answers an approval gate. @throws RolloutError `request-refused`, which says who was first. */
  approve(gate: string, options?: By & { readonly comment?: string }): Promise<void>
  reject(gate: string, options?: By & { readonly comment?: string }): Promise<void>
  /** Ends it here: the candidate without traffic if stable can carry it, holds released, the candidate kept. */
  abort(options?: By): Promise<void>
  /**
   * Returns to the recorded release and retires the candidate. Of a rollout that has ended promoted, it plans and starts
   * a new one, of the release that was before it.
   *
   * @returns the rollout that goes back: this one, or the new one.
   */
  rollback(options?: By): Promise<Rollout>
}

/** What a handle needs of the fleet it belongs to. */
export interface RolloutContext {
  watched(): Watched
  /** Plans and starts the release that was before. */
  goBack(runtime: Runtime, asked: By, signal: AbortSignal): Promise<Rollout>
}

/** A handle on a rollout that this process tracks. */
export function rolloutHandle(runtime: Runtime, lease: Lease, tracked: Tracked, context: RolloutContext): Rollout {
  const about = { fleet: tracked.state.plan.fleet.name, rolloutId: tracked.rolloutId }
  const ask = (asking: Asking) =>
    during(runtime, about, undefined, async (inside) => {
      await sync(inside, tracked)
      await leaveRequest(inside, tracked.state, asking)
    })
  const driving = <T>(given: AbortSignal | undefined, body: (inside: Runtime, term: Term) => Promise<T>) =>
    runtime.life.during(given, (term) => body(within(runtime, about, term.lastWords), term))
  const as = ({ by, reason }: By = {}) => ({ by: by ?? runtime.system.user, ...(reason === undefined ? {} : { reason }) })
  const remark = (comment: string | undefined) => (comment === undefined ? {} : { comment })
  const handle: Rollout = {
    id: tracked.rolloutId,
    fleet: tracked.state.fleet,
    get state() {
      return tracked.state
    },
    on: (type, listener) => tracked.emitter.on(type, listener),
    onAny: (listener) => tracked.emitter.onAny(listener),
    events: (options) => follow(runtime, about, tracked, options?.from ?? 0, options?.signal),
    run: (options) =>
      driving(options?.signal, async (inside, term) => {
        await lease.driving(inside, () => drive(inside, lease, tracked, context.watched(), term, options?.onTurn))
        return tracked.telling.report
      }),
    tick: (options) =>
      driving(options?.signal, (inside, term) =>
        lease.driving(inside, () => takeTurn(inside, lease, tracked, context.watched(), term)),
      ),
    report: () =>
      during(runtime, about, undefined, async (inside) => {
        await sync(inside, tracked)
        return tracked.telling.report
      }),
    pause: (options) => ask({ kind: 'pause', ...as(options) }),
    resume: (options) => ask({ kind: 'resume', ...as(options) }),
    promote: (options) => ask({ kind: 'promote', full: options?.full ?? false, ...as(options) }),
    approve: (gate, options) => ask({ kind: 'approve', gate, ...as(options), ...remark(options?.comment) }),
    reject: (gate, options) => ask({ kind: 'reject', gate, ...as(options), ...remark(options?.comment) }),
    abort: (options) => ask({ kind: 'abort', ...as(options) }),
    async rollback(options) {
      const next = await during(runtime, about, undefined, async (inside, signal) => {
        await sync(inside, tracked)
        return tracked.state.outcome === 'promoted' ? await context.goBack(inside, as(options), signal) : undefined
      })
      if (next !== undefined) return next
      await ask({ kind: 'rollback', ...as(options) })
      return handle
    },
  }
  return handle
}

/** Reads page by page from the store, so that a slow reader costs nobody memory. */
async function* follow(
  runtime: Runtime,
  about: About,
  tracked: Tracked,
  from: number,
  given: AbortSignal | undefined,
): AsyncGenerator<RolloutEvent> {
  const { rolloutId } = tracked
  let next = Math.max(from, parseRolloutId(rolloutId).seq)
  while (!letGo(given) && !runtime.life.closed) {
    const page = await during(runtime, about, given, (inside, signal) => pageOrWait(inside, tracked, next, signal))
    if (page === 'ended') return
    for (const { event } of page) {
      if (event.rolloutId !== rolloutId) return
      yield event
      next = event.seq + 1
      if (event.type === 'rollout.finished') return
    }
  }
}

/** The next page, or nothing after a while. */
async function pageOrWait(
  runtime: Runtime,
  tracked: Tracked,
  next: number,
  signal: AbortSignal,
): Promise<readonly JournalEntry[] | 'ended'> {
  try {
    const page = await readPage(runtime, tracked.state.fleet, next)
    if (page.length > 0) return page
    await sync(runtime, tracked)
  } catch (error) {
    // Who has let go wants no more events.
    if (letGo(signal)) return 'ended'
    throw error
  }
  if (tracked.state.phase === 'done' && tracked.state.seq < next) return 'ended'
  await runtime.system.clock.sleep(runtime.requestIntervalMs, signal)
  return []
}
