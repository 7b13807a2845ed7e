import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { callFailed } from '../../../src/core/errors.ts'
import type { At } from '../../../src/core/snapshot.ts'
import type { BalancerState } from '../balancer/table.ts'
import { entryPoint, NODE_FLAGS, plainEnvironment } from '../entry.ts'
import { claimFate, dropClaim, launch } from '../instances/launch.ts'
import { isRunning, signalGroup } from '../instances/process.ts'
import type { LocalPaths } from '../paths.ts'
import { askSocket } from '../socket.ts'
import type { Book } from './book.ts'
import { tableOf } from './table.ts'

/** What the daemon's side of the balancer needs. */
export interface BalancerOptions {
  readonly book: Book
  readonly paths: LocalPaths
  now(): At
  /** It ended. */
  onChange(): void
}

/** The daemon's side of the balancer: keeps it running and its table up to date. */
export interface Balancer {
  /** Finds again what an earlier daemon started. Once, before anything else. */
  adopt(): Promise<void>
  /** Starts it when there is something to serve and it does not run. */
  tend(): void
  /** Sends the table of now, once; whether it is in effect. Never rejects. */
  publish(): Promise<boolean>
  /** What it says, if the table of now is in effect and it answers. Never rejects. */
  peek(): Promise<BalancerState | undefined>
  /** The same, waiting for one that is just starting. @throws RolloutError `call-failed` of class `transient`. */
  look(withinMs?: number): Promise<BalancerState>
  /** Ends it. One that does not run is no error. */
  stop(): Promise<void>
}

const ANSWER_WITHIN_MS = 2_000
/** How long a look waits for a balancer that is just starting again. */
const IN_EFFECT_WITHIN_MS = 3_000
/** A balancer that dies as it starts is not started more often than this. */
const RESTART_AFTER_MS = 250
/** Its exit code when another balancer answers on the socket. */
const NOT_THE_ONLY_ONE = 3

/** Makes the daemon's side; starts nothing yet. */
export function createBalancer({ book, paths, now, onChange }: BalancerOptions): Balancer {
  const claimOf = (id: string) => join(paths.claims, `${id}.pid`)
  /** A balancer that this process started: its end is told to it. */
  let child: string | undefined
  let startedAt = 0
  let inEffect: string | undefined
  let version: number | undefined
  let sending: Promise<boolean> = Promise.resolve(true)

  const ask = (method: 'GET' | 'PUT' | 'POST', path: string, body?: unknown) =>
    askSocket({
      socket: paths.balancerSocket,
      method,
      path,
      timeoutMs: ANSWER_WITHIN_MS,
      ...(body === undefined ? {} : { body }),
    })

  async function stateOf(): Promise<BalancerState | undefined> {
    const answer = await ask('GET', '/state')
    return 'status' in answer && answer.status === 200 ? (answer.body as BalancerState) : undefined
  }

  function forget(claim: string): void {
    inEffect = undefined
    version = undefined
    if (book.state.balancer?.claim !== claim) return
    book.change((draft) => void delete draft.balancer)
    dropClaim(claimOf(claim))
  }

  function start(): void {
    const claim = `balancer-${randomBytes(4).toString('hex')}`
    book.change((draft) => void (draft.balancer = { claim }))
    child = claim
    startedAt = now()
    const process = launch({
      claim: claimOf(claim),
      command: [globalThis.process.execPath, ...NODE_FLAGS, entryPoint('balancer'), '--home', paths.home, '--run', paths.run],
      folder: paths.home,
      environment: plainEnvironment(),
      log: join(paths.logs, 'balancer.log'),
      onExit(code) {
        // One that is not in the books is asked to go, so that there is only one again.
        if (code === NOT_THE_ONLY_ONE) void ask('POST', '/stop')
        child = undefined
        onChange()
      },
    })
    if (process !== undefined) book.change((draft) => void (draft.balancer = { claim, process }))
  }

  async function send(): Promise<boolean> {
    const table = tableOf(book.state)
    const text = JSON.stringify(table)
    if (text === inEffect || (book.state.balancer === undefined && table.services.length === 0)) return true
    version ??= (await stateOf())?.version
    if (version === undefined) return false
    version += 1
    const answer = await ask('PUT', '/table', { version, ...table })
    const taken = 'status' in answer && answer.status === 200
    if (taken) inEffect = text
    else version = undefined
    return taken
  }

  function publish(): Promise<boolean> {
    sending = sending.then(send)
    return sending
  }

  const peek = async () => ((await publish()) ? await stateOf() : undefined)

  return {
    async adopt() {
      const record = book.state.balancer
      if (record === undefined || record.process !== undefined) return
      const fate = await claimFate(claimOf(record.claim), sleep)
      if (typeof fate === 'object') book.change((draft) => void (draft.balancer = { claim: record.claim, process: fate }))
      else forget(record.claim)
    },

    tend() {
      const record = book.state.balancer
      if (record !== undefined && child !== record.claim && (record.process === undefined || !isRunning(record.process)))
        forget(record.claim)
      const wanted = Object.keys(book.state.services).length > 0
      if (wanted && book.state.balancer === undefined && now() - startedAt >= RESTART_AFTER_MS) start()
    },

    publish,
    peek,

    async look(withinMs = IN_EFFECT_WITHIN_MS) {
      for (const until = now() + withinMs; ;) {
        const state = await peek()
        if (state !== undefined) return state
        if (now() > until)
          throw callFailed('transient', 'look', `The balancer of ${paths.home} does not answer; it is started again by itself.`)
        await sleep(25)
      }
    },

    async stop() {
      const process = book.state.balancer?.process
      if (process === undefined) return
      await ask('POST', '/stop')
      for (const until = now() + ANSWER_WITHIN_MS; isRunning(process) && now() < until;) await sleep(20)
      signalGroup(process, 'SIGKILL')
      book.change((draft) => void delete draft.balancer)
      child = undefined
    },
  }
}
