import { isDeepStrictEqual } from 'node:util'
import { EVENT_FORMAT, type RolloutEvent } from '../core/events.ts'
import { rolloutError } from '../core/errors.ts'
import type { JsonObject } from '../core/json.ts'
import type { FleetId } from '../core/snapshot.ts'
import type { Runtime } from './runtime.ts'

// J1. An append is known to be applied, known not to be, or read back until it is known: nothing is assumed.
// J2. Whoever finds its place taken has lost the fleet: it writes nothing more.
// J3. An append that was let go of is unknown: the next turn reads before it decides. Where it lands after that, J2 stops that turn, and the one after it goes on from there.

/** An event as it is stored; the sealed part is for the engine alone. */
export interface JournalEntry {
  readonly event: RolloutEvent
  /** Encrypted with the rollout's key, which ends with the rollout. */
  readonly sealed?: string
}

/** Prefix of the streams that hold fleets. */
export const FLEETS = 'fleet/'

/** Name of a fleet's stream. */
export function streamOf(fleet: FleetId): string {
  return `${FLEETS}${fleet}`
}

/**
 * Reads a fleet's events from a sequence to the present end.
 *
 * @throws RolloutError `format-newer` for events of a newer imago, `store-corrupt` for a gap.
 */
export async function readJournal(runtime: Runtime, fleet: FleetId, fromSeq: number): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = []
  let next = fromSeq
  for (;;) {
    const page = await readPage(runtime, fleet, next)
    if (page.length === 0) return entries
    entries.push(...page)
    next += page.length
  }
}

/** One page of a fleet's events; empty at the end. */
export async function readPage(runtime: Runtime, fleet: FleetId, fromSeq: number): Promise<JournalEntry[]> {
  const stream = streamOf(fleet)
  const page = await runtime.store.read(stream, fromSeq)
  return page.map((entry, index) => checked(stream, entry, fromSeq + index))
}

/** Appends, and finds out what became of it. `taken` means that somebody else writes this fleet now. */
export async function appendJournal(
  runtime: Runtime,
  fleet: FleetId,
  entries: readonly JournalEntry[],
): Promise<'appended' | 'taken'> {
  const first = entries[0]
  if (first === undefined) return 'appended'
  const stream = streamOf(fleet)
  for (;;) {
    const result = await runtime.store.append(stream, first.event.seq, entries as unknown as readonly JsonObject[])
    if (result === 'appended') return result
    const there = (await readPage(runtime, fleet, first.event.seq))[0]
    if (there !== undefined) return sameEntry(there, first) ? 'appended' : 'taken'
    if (result === 'taken') throw beyond(stream, first.event.seq)
    // Nothing stands there (yet): the same append once more is harmless, for only one of the two can be applied.
  }
}

/** Refused, and yet nothing is there: the place is not the stream's next one. */
function beyond(stream: string, seq: number) {
  const why = 'the store ends before this place'
  return rolloutError('store-corrupt', `${stream} has lost its end: ${seq} would be the next event, but ${why}.`, {
    stream,
    seq,
    why,
  })
}

/** Two controllers may decide the same thing at the same moment: who wrote it is part of what was written. */
function sameEntry(a: JournalEntry, b: JournalEntry): boolean {
  return isDeepStrictEqual(a, b)
}

function checked(stream: string, entry: JsonObject, seq: number): JournalEntry {
  const { event } = entry as unknown as JournalEntry
  if (typeof event !== 'object' || event === null || typeof event.v !== 'number')
    throw rolloutError('store-corrupt', `${stream} holds something at ${seq} that is not an event.`, {
      stream,
      seq,
      why: 'not an event',
    })
  if (event.v > EVENT_FORMAT) {
    const message = `${stream} was written by a newer imago (event format ${event.v}; this one knows ${EVENT_FORMAT}): it is read-only here.`
    throw rolloutError('format-newer', message, { found: event.v, known: EVENT_FORMAT })
  }
  if (event.seq !== seq)
    throw rolloutError('store-corrupt', `${stream} has event ${event.seq} where ${seq} belongs.`, {
      stream,
      seq,
      why: `found ${event.seq}`,
    })
  return entry as unknown as JournalEntry
}
