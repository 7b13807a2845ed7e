import { setTimeout as sleep } from 'node:timers/promises'
import { callFailed } from '../../../src/core/errors.ts'
import type { At } from '../../../src/core/snapshot.ts'
import type { BalancerState } from '../balancer/table.ts'
import type { LocalPaths } from '../paths.ts'
import { askSocket } from '../socket.ts'
import type { Book } from './book.ts'
import { tableOf } from './table.ts'

/** Brings the table of now to the balancer, and what the balancer sees back. */
export interface Publisher {
  /** Sends the table of now, once; whether it is in effect. Never rejects. */
  publish(): Promise<boolean>
  /** What the balancer says, if the table of now is in effect and it answers. Never rejects. */
  peek(): Promise<BalancerState | undefined>
  /** The same, waiting for a balancer that is just starting. @throws RolloutError `call-failed` of class `transient`. */
  look(withinMs?: number): Promise<BalancerState>
}

const ANSWERS_WITHIN_MS = 2_000
const IN_EFFECT_WITHIN_MS = 3_000

/** Makes a publisher that has sent nothing yet. */
export function createPublisher(book: Book, paths: LocalPaths, now: () => At): Publisher {
  /** The table that the balancer has, and which of its lives has it. */
  let inEffect: string | undefined
  let version: number | undefined
  let sending: Promise<boolean> = Promise.resolve(true)
  let queued: Promise<boolean> | undefined

  async function send(): Promise<boolean> {
    const table = tableOf(book.state)
    const { balancer } = book.state
    const wanted = `${balancer?.claim ?? ''} ${JSON.stringify(table)}`
    if (wanted === inEffect || (balancer === undefined && table.services.length === 0)) return true
    version ??= (await ask<BalancerState>(paths, 'GET', '/state'))?.version
    if (version === undefined) return false
    version += 1
    const answer = await ask(paths, 'PUT', '/table', { version, ...table })
    inEffect = answer === undefined ? undefined : wanted
    if (answer === undefined) version = undefined
    return answer !== undefined
  }

  /** One at a time, so that an older table never follows a newer one; whoever asks meanwhile shares the next. */
  function publish(): Promise<boolean> {
    queued ??= sending.then(() => {
      queued = undefined
      sending = send()
      return sending
    })
    return queued
  }

  async function peek(): Promise<BalancerState | undefined> {
    return (await publish()) ? await ask<BalancerState>(paths, 'GET', '/state') : undefined
  }

  return {
    publish,
    peek,
    async look(withinMs = IN_EFFECT_WITHIN_MS) {
      for (const until = now() + withinMs; ; await sleep(25)) {
        const state = await peek()
        if (state !== undefined) return state
        if (now() > until)
          throw callFailed('transient', 'look', `The balancer of ${paths.home} does not answer; it is started again by itself.`)
      }
    },
  }
}

async function ask<Answer>(paths: LocalPaths, method: 'GET' | 'PUT', path: string, body?: unknown): Promise<Answer | undefined> {
  const options = { socket: paths.balancerSocket, method, path, timeoutMs: ANSWERS_WITHIN_MS }
  const answer = await askSocket(body === undefined ? options : { ...options, body })
  return 'status' in answer && answer.status === 200 ? (answer.body as Answer) : undefined
}
