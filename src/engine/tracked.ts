import type { Outcome } from './perform.ts'
import { EVENT_FORMAT, type Controller, type Fact, type RolloutEvent } from '../core/events.ts'
import { callFailed, rolloutError } from '../core/errors.ts'
import { fold } from '../core/fold/index.ts'
import type { Json } from '../core/json.ts'
import { tell, type Telling } from '../core/report.ts'
import type { At } from '../core/snapshot.ts'
import type { RolloutState } from '../core/state.ts'
import type { Emitter } from './emitter.ts'
import { appendJournal, readJournal, type JournalEntry } from './journal.ts'
import type { Runtime } from './runtime.ts'
import { sealOf, type Seal } from './seal.ts'

/** One rollout as this process knows it: the fold of its journal so far, and what is not part of the fold. */
export interface Tracked {
  readonly rolloutId: string
  state: RolloutState
  /** Its report so far: whoever lets go of a run is told without another word of the store. */
  telling: Telling
  readonly seal: Seal
  readonly emitter: Emitter
  /** The last event that this process has emitted. */
  emittedSeq: number
  /** Ends when the turn that is under way has ended. */
  turning: Promise<unknown>
  /** What launching needs, once it was opened. */
  launch: Json | undefined
  /** The sealed part of `rollout.started`. */
  readonly startSeal: string | undefined
  /** Open handles, and the commands that they belong to. */
  readonly handles: Map<string, string>
  /** Store's and monotonic clock at the last turn, and whether deadlines were judged then: jumps and standstills are seen by comparing. */
  last: { readonly now: At; readonly monotonic: number; readonly judged: boolean } | undefined
  /** When the last turn wanted the next. */
  dueAt: At | undefined
  /** When requests were last looked for, by the monotonic clock. */
  heardAt: number
  /** Looks that failed in a row, and since when. */
  blind: { readonly count: number; readonly sinceAt: At } | undefined
}

/** Ids of rollouts contain the fleet and the place where they begin in its stream. */
export function rolloutIdAt(fleet: string, seq: number): string {
  return `${fleet}#${seq}`
}

/** Reads the fleet and the first sequence back out of a rollout's id. @throws RolloutError `rollout-not-found`. */
export function parseRolloutId(rolloutId: string): { readonly fleet: string; readonly seq: number } {
  const at = rolloutId.lastIndexOf('#')
  const seq = Number(rolloutId.slice(at + 1))
  if (at <= 0 || !Number.isInteger(seq) || seq < 1) throw notFound(rolloutId)
  return { fleet: rolloutId.slice(0, at), seq }
}

/**
 * Loads a rollout from the store.
 *
 * @param from `start`: this process started it and emits all of it; `now`: what was there before is not emitted again.
 * @throws RolloutError `rollout-not-found`.
 */
export async function load(runtime: Runtime, rolloutId: string, emitter: Emitter, from: 'start' | 'now'): Promise<Tracked> {
  const { fleet, seq } = parseRolloutId(rolloutId)
  const entries = await readJournal(runtime, fleet, seq)
  const first = entries[0]
  if (first?.event.type !== 'rollout.started' || first.event.rolloutId !== rolloutId) throw notFound(rolloutId)
  const seal = sealOf(rolloutId)
  const tracked: Tracked = {
    rolloutId,
    state: fold(undefined, first.event),
    telling: tell(undefined, first.event),
    seal,
    emitter,
    emittedSeq: first.event.seq - 1,
    turning: Promise.resolve(),
    launch: undefined,
    startSeal: first.sealed,
    handles: new Map(),
    last: undefined,
    dueAt: undefined,
    heardAt: -Infinity,
    blind: undefined,
  }
  await take(runtime, tracked, entries)
  if (from === 'now') tracked.emittedSeq = tracked.state.seq
  return tracked
}

/** Folds in what others have written since, and emits nothing: nobody may be listening yet. */
export async function sync(runtime: Runtime, tracked: Tracked): Promise<void> {
  if (tracked.state.phase !== 'done')
    await take(runtime, tracked, await readJournal(runtime, tracked.state.fleet, tracked.state.seq + 1))
}

/** At the beginning of a turn: the same, and emits what this process has not emitted yet. */
export async function catchUp(runtime: Runtime, tracked: Tracked): Promise<void> {
  if (tracked.state.phase === 'done' && tracked.emittedSeq === tracked.state.seq) return
  const entries = await readJournal(runtime, tracked.state.fleet, tracked.emittedSeq + 1)
  await take(runtime, tracked, entries)
  emit(tracked, entries)
}

/** Appends events of a decision. @throws RolloutError `fenced` when somebody else writes this fleet now. */
export async function commit(
  runtime: Runtime,
  tracked: Tracked,
  state: RolloutState,
  events: readonly RolloutEvent[],
): Promise<void> {
  const entries = events.map((event): JournalEntry => ({ event }))
  await append(runtime, tracked, entries)
  tracked.state = state
  tracked.telling = events.reduce(tell, tracked.telling)
  forgetHandles(tracked)
  emit(tracked, entries)
}

/** Appends what became of calls and questions; handles go into the sealed part. */
export async function commitOutcomes(runtime: Runtime, tracked: Tracked, outcomes: readonly Outcome[]): Promise<void> {
  if (outcomes.length === 0) return
  const at = await runtime.store.now()
  let { state } = tracked
  const entries: JournalEntry[] = []
  for (const { fact, handle } of outcomes) {
    const event = headed(state, fact, at)
    const sealed = handle === undefined ? undefined : await tracked.seal.close(runtime, handle)
    entries.push(sealed === undefined ? { event } : { event, sealed })
    state = fold(state, event)
  }
  await append(runtime, tracked, entries)
  tracked.state = state
  tracked.telling = entries.reduce((telling, { event }) => tell(telling, event), tracked.telling)
  for (const { fact, handle } of outcomes)
    if (handle !== undefined && fact.type === 'command.accepted') tracked.handles.set(handle, fact.id)
  emit(tracked, entries)
}

/** What launching needs, opened once. */
export async function launchOf(runtime: Runtime, tracked: Tracked): Promise<Json> {
  tracked.launch ??= await tracked.seal.open(runtime, tracked.startSeal)
  return tracked.launch
}

/** An event of this rollout at the next place in the stream. */
export function headed(state: RolloutState, fact: Fact, at: At): RolloutEvent {
  const { rolloutId, fleet, epoch, seq } = state
  return { v: EVENT_FORMAT, seq: seq + 1, at, rolloutId, fleet, epoch, ...fact }
}

async function append(runtime: Runtime, tracked: Tracked, entries: readonly JournalEntry[]): Promise<void> {
  if ((await appendJournal(runtime, tracked.state.fleet, entries)) === 'appended') return
  const before = tracked.state.epoch
  await catchUp(runtime, tracked)
  const { rolloutId, state } = tracked
  if (state.controller?.id === runtime.system.controller.id)
    throw callFailed(
      'transient',
      'append',
      `What this process had let go of was journaled after all; ${rolloutId} goes on from there.`,
    )
  const by = state.controller === undefined ? 'another controller' : nameOf(state.controller)
  const message = `${rolloutId} was taken over by ${by} (epoch ${state.epoch}); this controller writes nothing more.`
  throw rolloutError('fenced', message, { rolloutId, epoch: before, by })
}

async function take(runtime: Runtime, tracked: Tracked, entries: readonly JournalEntry[]): Promise<void> {
  const handles = new Map<string, string>()
  for (const { event, sealed } of entries) {
    // The next rollout of the fleet stands in the same stream.
    if (event.rolloutId !== tracked.rolloutId) break
    // Two reads may overlap, or meet what this process has written itself.
    if (event.seq <= tracked.state.seq) continue
    tracked.state = fold(tracked.state, event)
    tracked.telling = tell(tracked.telling, event)
    if (sealed !== undefined && event.type === 'command.accepted') handles.set(event.id, sealed)
  }
  for (const [command, sealed] of handles) {
    if (!isOpen(tracked, command)) continue
    const handle = await tracked.seal.open(runtime, sealed)
    if (typeof handle === 'string') tracked.handles.set(handle, command)
  }
  forgetHandles(tracked)
}

/** A handle matters while its command is open. */
function forgetHandles(tracked: Tracked): void {
  for (const [handle, command] of tracked.handles) if (!isOpen(tracked, command)) tracked.handles.delete(handle)
}

function isOpen({ state }: Tracked, command: string): boolean {
  return state.flights.some((flight) => flight.id === command && !flight.landed)
}

/** In order, and each once, whoever read or wrote it. */
function emit(tracked: Tracked, entries: readonly JournalEntry[]): void {
  for (const { event } of entries) {
    if (event.rolloutId !== tracked.rolloutId || event.seq <= tracked.emittedSeq) continue
    tracked.emittedSeq = event.seq
    tracked.emitter.emit(event)
  }
}

function nameOf(controller: Controller): string {
  return controller.name
}

function notFound(rolloutId: string) {
  return rolloutError('rollout-not-found', `There is no rollout ${rolloutId} in this store.`, { rolloutId })
}
