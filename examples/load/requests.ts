import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'undici'
import { ask, type Outcome } from './ask.ts'

const TOO_LONG_MS = 5_000
const GOLDEN = 0.618_033_988_749_895

/** A constant stream of short requests. */
export interface RequestPlan {
  readonly url: string
  /** Requests a second. */
  readonly rate: number
  readonly connections: number
}

/** Told how each request ended, and how long after it was due. */
export type OnEnd = (outcome: Outcome, tookMs: number) => void

/**
 * Asks at a constant rate, however slow the answers are: a request that no connection is free for waits, and its waiting counts. Resolves when
 * the signal aborts; what is under way then is left.
 */
export async function sendRequests({ url, rate, connections }: RequestPlan, onEnd: OnEnd, signal: AbortSignal): Promise<void> {
  const idle = Array.from({ length: connections }, () => new Client(url))
  const due: { readonly number: number; readonly at: number }[] = []

  const serve = async (connection: Client) => {
    for (let next = due.shift(); next !== undefined && !signal.aborted; next = due.shift()) {
      onEnd(...(await askOne(connection, next.number, next.at)))
    }
    idle.push(connection)
  }

  const beganAt = performance.now()
  for (let number = 0; !signal.aborted;) {
    const now = performance.now()
    for (; beganAt + (number * 1_000) / rate <= now; number += 1) due.push({ number, at: beganAt + (number * 1_000) / rate })
    // The one that was idle longest, so that all connections stay in use.
    for (let free = Math.min(due.length, idle.length); free > 0; free -= 1) void serve(idle.shift() as Client)
    await sleep(Math.max(1, beganAt + (number * 1_000) / rate - now), undefined, { signal }).catch(endOfSleep)
  }
  await Promise.all(idle.map((connection) => connection.destroy()))
}

async function askOne(connection: Client, number: number, dueAt: number): Promise<[Outcome, number]> {
  // Half of them, in an order that never falls into step with the turns that a balancer takes.
  const post = (number * GOLDEN) % 1 < 0.5
  const kind = post ? 'post' : 'get'
  const left = TOO_LONG_MS - (performance.now() - dueAt)
  if (left <= 0) return [{ kind, why: 'no connection was free in time' }, TOO_LONG_MS]
  const signal = AbortSignal.timeout(Math.ceil(left))
  const outcome = await ask(
    connection,
    post ? { kind, path: '/echo', body: bodyOf(number), signal } : { kind, path: '/', signal },
  )
  return [outcome, performance.now() - dueAt]
}

function bodyOf(number: number): string {
  return `${number}:`.padEnd(512, `${number % 10}`)
}

function endOfSleep(error: unknown): void {
  if ((error as Error).name !== 'AbortError') throw error
}
