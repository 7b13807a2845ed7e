import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'undici'
import { ask, type Outcome } from './ask.ts'
import type { OnEnd } from './requests.ts'

const SILENCE_MS = 5_000
const AFTER_FAILURE_MS = 100

/** Long answers that are open at all times. */
export interface StreamPlan {
  readonly url: string
  readonly streams: number
  readonly streamMs: number
}

/** How many are open at this moment. */
export interface OpenStreams {
  count: number
}

/** Keeps streams open, each followed by the next. Resolves when the signal aborts; what is open then is left. */
export async function keepStreams(plan: StreamPlan, open: OpenStreams, onEnd: OnEnd, signal: AbortSignal): Promise<void> {
  await Promise.all(Array.from({ length: plan.streams }, () => keepOne(plan, open, onEnd, signal)))
}

async function keepOne(plan: StreamPlan, open: OpenStreams, onEnd: OnEnd, signal: AbortSignal): Promise<void> {
  const connection = new Client(plan.url, { bodyTimeout: 0 })
  const left = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  while (!signal.aborted) {
    const beganAt = performance.now()
    open.count += 1
    const outcome = await Promise.race([askStream(connection, plan.streamMs), left])
    open.count -= 1
    if (outcome === undefined) break
    onEnd(outcome, performance.now() - beganAt)
    if (outcome.why !== undefined) await Promise.race([sleep(AFTER_FAILURE_MS), left])
  }
  await connection.destroy()
}

/** A stream takes as long as it was asked to, but it is never silent for long. */
async function askStream(connection: Client, streamMs: number): Promise<Outcome> {
  const silence = new AbortController()
  const timer = setTimeout(() => silence.abort(), SILENCE_MS)
  try {
    const onChunk = () => void timer.refresh()
    return await ask(connection, { kind: 'stream', path: `/stream?ms=${streamMs}`, signal: silence.signal, onChunk })
  } finally {
    clearTimeout(timer)
  }
}
