import { rolloutError } from '../core/errors.ts'
import type { Request } from '../core/events.ts'
import { fold } from '../core/fold/index.ts'
import { answer, refusal } from '../core/requests.ts'
import type { RolloutState } from '../core/state.ts'
import type { Runtime } from './runtime.ts'
import { headed } from './tracked.ts'

/** What a person asks for, before it has its place in the stream. */
export type Asking = Request extends infer R ? (R extends Request ? Omit<R, 'v' | 'seq' | 'at' | 'rolloutId'> : never) : never

/** Requests that the journal has not seen yet. @throws RolloutError `format-newer`. */
export function readRequests(runtime: Runtime, state: RolloutState): Promise<readonly Request[]> {
  return readFrom(runtime, streamOf(state.rolloutId), state.requestsSeen + 1)
}

async function readFrom(runtime: Runtime, stream: string, seq: number): Promise<readonly Request[]> {
  const found = await runtime.store.read(stream, seq)
  for (const { v } of found) {
    if (v === KNOWN_FORMAT) continue
    const message = `${stream} holds a request of a newer imago (format ${Number(v)}; this one knows ${KNOWN_FORMAT}): it is read-only here.`
    throw rolloutError('format-newer', message, { found: Number(v), known: KNOWN_FORMAT })
  }
  return found as unknown as readonly Request[]
}

const KNOWN_FORMAT: Request['v'] = 1

/**
 * Leaves a request for whoever drives the rollout; needs no lease.
 *
 * @throws RolloutError `request-refused` when it has no meaning now, or somebody answered the same gate before.
 */
export async function leaveRequest(runtime: Runtime, state: RolloutState, asking: Asking): Promise<void> {
  const stream = streamOf(state.rolloutId)
  let seq = state.requestsSeen + 1
  let foreseen = state
  for (;;) {
    const waiting = await readFrom(runtime, stream, seq)
    for (const earlier of waiting) foreseen = afterRequest(foreseen, earlier)
    seq += waiting.length
    if (waiting.length > 0) continue
    const at = await runtime.store.now()
    const request = { v: KNOWN_FORMAT, seq, at, rolloutId: state.rolloutId, ...asking } as Request
    const why = refusal(foreseen, request)
    if (why !== undefined) throw refused(asking.kind, why)
    const result = await runtime.store.append(stream, seq, [request])
    if (result === 'appended') return
    if (result === 'unknown' && (await isThere(runtime, stream, request))) return
  }
}

/** What nobody has dealt with yet will be dealt with before: whoever pauses may resume at once, and whoever answers second is told who was first. */
function afterRequest(state: RolloutState, request: Request): RolloutState {
  return answer(state, request).reduce((before, fact) => fold(before, headed(before, fact, request.at)), state)
}

async function isThere(runtime: Runtime, stream: string, request: Request): Promise<boolean> {
  const there = (await readFrom(runtime, stream, request.seq))[0]
  return there !== undefined && there.by === request.by && there.kind === request.kind && there.at === request.at
}

function refused(request: string, why: string) {
  return rolloutError('request-refused', `${request} was refused: ${why}.`, { request, why })
}

function streamOf(rolloutId: string): string {
  return `requests/${rolloutId}`
}
