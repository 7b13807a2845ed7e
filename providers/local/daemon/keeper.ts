import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { At } from '../../../src/core/snapshot.ts'
import { entryPoint, NODE_FLAGS, plainEnvironment } from '../entry.ts'
import { claimFate, dropClaim, launch } from '../instances/launch.ts'
import { isRunning, signalGroup } from '../instances/process.ts'
import type { LocalPaths } from '../paths.ts'
import { askSocket } from '../socket.ts'
import type { Book } from './book.ts'
import { createSpare } from './spare.ts'
import type { BalancerRecord } from './state.ts'

/** What the keeper needs. */
export interface KeeperOptions {
  readonly book: Book
  readonly paths: LocalPaths
  now(): At
  /** The balancer ended. */
  onChange(): void
}

/** Keeps the balancer's process running, for as long as there is something to serve. */
export interface Keeper {
  /** Finds again what an earlier daemon started. Once, before anything else. */
  adopt(): Promise<void>
  /** Starts the balancer when there is something to serve and it does not run. */
  tend(): void
  /** Ends it. One that does not run is no error. */
  stop(): Promise<void>
}

/** A balancer that dies as it starts is not started more often than this. */
const RESTART_AFTER_MS = 250
/** A spare is made when the balancer has been up for so long: its start should not slow the first one down. */
const SPARE_AFTER_MS = 1_000
/** How long a balancer that was asked to stop may finish what it has. */
const STOPS_WITHIN_MS = 2_000
/** Its exit code when another balancer answers on the socket. */
const NOT_THE_ONLY_ONE = 3

/** Makes a keeper; starts nothing yet. */
export function createKeeper(options: KeeperOptions): Keeper {
  const { book, paths, now } = options
  /** A balancer that this process started: its end is told to it. */
  let child: string | undefined
  let startedAt = 0
  const spare = createSpare({ command: commandOf(paths, '--standby'), folder: paths.home, ...surroundings(paths) })

  function start(): void {
    const claim = `balancer-${randomBytes(4).toString('hex')}`
    child = claim
    startedAt = now()
    const onExit = (code: number | null) => {
      // One that is not in the books is asked to go, so that there is only one again.
      if (code === NOT_THE_ONLY_ONE) void askToStop(paths)
      child = undefined
      options.onChange()
    }
    const ready = spare.take(onExit)
    // Without the word, which comes after this is stored, the spare ends with this process.
    record(book, { claim, ...(ready && { process: ready.process }) })
    if (ready !== undefined) return ready.begin()
    const process = launchBalancer(paths, claim, onExit)
    if (process !== undefined) record(book, { claim, process })
  }

  function isAlive(one: BalancerRecord): boolean {
    return child === one.claim || (one.process !== undefined && isRunning(one.process))
  }

  return {
    async adopt() {
      const found = book.state.balancer
      if (found === undefined || found.process !== undefined) return
      const fate = await claimFate(claimFile(paths, found.claim), sleep)
      record(book, typeof fate === 'object' ? { claim: found.claim, process: fate } : undefined)
    },

    tend() {
      const known = book.state.balancer
      if (known !== undefined && !isAlive(known)) {
        record(book, undefined)
        dropClaim(claimFile(paths, known.claim))
      }
      const wanted = Object.keys(book.state.services).length > 0
      if (wanted && book.state.balancer === undefined && now() - startedAt >= RESTART_AFTER_MS) start()
      if (wanted && book.state.balancer !== undefined && now() - startedAt >= SPARE_AFTER_MS) spare.tend()
    },

    async stop() {
      await spare.stop()
      const process = book.state.balancer?.process
      if (process === undefined) return
      await askToStop(paths)
      for (const until = now() + STOPS_WITHIN_MS; isRunning(process) && now() < until;) await sleep(20)
      signalGroup(process, 'SIGKILL')
      record(book, undefined)
    },
  }
}

function launchBalancer(paths: LocalPaths, claim: string, onExit: (code: number | null) => void) {
  return launch({
    claim: claimFile(paths, claim),
    command: commandOf(paths),
    folder: paths.home,
    ...surroundings(paths),
    onExit,
  })
}

function commandOf({ home, run }: LocalPaths, ...more: string[]): [string, ...string[]] {
  return [process.execPath, ...NODE_FLAGS, entryPoint('balancer'), '--home', home, '--run', run, ...more]
}

function surroundings(paths: LocalPaths) {
  return { environment: plainEnvironment(paths), log: join(paths.logs, 'balancer.log') }
}

function askToStop(paths: LocalPaths) {
  return askSocket({ socket: paths.balancerSocket, method: 'POST', path: '/stop', timeoutMs: STOPS_WITHIN_MS })
}

function record(book: Book, balancer: BalancerRecord | undefined): void {
  book.change((draft) => {
    if (balancer === undefined) delete draft.balancer
    else draft.balancer = balancer
  })
}

function claimFile(paths: LocalPaths, claim: string): string {
  return join(paths.claims, `${claim}.pid`)
}
