import { mkdir, rename } from 'node:fs/promises'
import { flushCompileCache } from 'node:module'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { isRolloutError, rolloutError } from '../../../src/core/errors.ts'
import { createBalancer, type Balancer } from './balancer.ts'
import { openControl, type Control } from './control.ts'
import { STOP_DEADLINE_MS } from './limits.ts'
import { readTable, tableFile, writeTable } from './table-file.ts'
import type { BalancerTable } from './table.ts'

const USAGE = 'balancer (--home <folder> --run <folder> [--standby] | --table <file>)'
const OWNERSHIP_INTERVAL_MS = 2_000

/** Exit code when another balancer serves this run folder already. */
const ALREADY_THERE = 3

async function main(): Promise<void> {
  process.umask(0o077)
  const { values } = parseArgs({
    options: { home: { type: 'string' }, run: { type: 'string' }, table: { type: 'string' }, standby: { type: 'boolean' } },
  })
  const balancer = createBalancer()
  const { home, run, table, standby = false } = values
  if (standby && !(await toldToBegin())) return
  if (table !== undefined) await serveFile(balancer, table)
  else if (home !== undefined && run !== undefined) await serveControlled(balancer, home, run)
  else throw rolloutError('host-unfit', `Nothing to serve. Usage: ${USAGE}`, { why: 'missing arguments' })
}

/** Waits for a word on standard input; false when whoever could give it is gone. */
async function toldToBegin(): Promise<boolean> {
  flushCompileCache()
  const told = new Promise<boolean>((resolve) => {
    process.stdin
      .once('data', () => resolve(true))
      .once('end', () => resolve(false))
      .once('error', () => resolve(false))
  })
  const begins = await told
  process.stdin.destroy()
  return begins
}

/** For tests and measurements: one table, no control; the first line of output says where it listens. */
async function serveFile(balancer: Balancer, file: string): Promise<void> {
  await balancer.apply((await readTable(file)) ?? { version: 1, services: [] })
  stopOnSignals(() => void stopBalancer(balancer))
  console.log(JSON.stringify(balancer.state()))
}

async function serveControlled(balancer: Balancer, home: string, run: string): Promise<void> {
  await mkdir(run, { recursive: true, mode: 0o700 })
  const file = tableFile(home)
  // One table after the other: what is stored last is what is served last.
  let turn: Promise<void> = Promise.resolve()
  const replace = (table: BalancerTable) => {
    const mine = turn.then(async () => {
      await writeTable(file, table)
      await balancer.apply(table)
    })
    turn = mine.catch(() => undefined)
    return mine
  }
  const restored = Promise.withResolvers<void>()
  const controlled = { ready: restored.promise, state: () => balancer.state(), replace, stop: () => stop() }
  const control = await openControl(join(run, 'balancer.sock'), controlled)
  const watch = setInterval(() => void leaveWhenReplaced(control, stop), OWNERSHIP_INTERVAL_MS)
  const stop = once(() => {
    clearInterval(watch)
    control.close()
    void stopBalancer(balancer)
  })
  stopOnSignals(stop)
  const stored = await readStored(file)
  if (stored !== undefined) await balancer.apply(stored)
  restored.resolve()
  // Written at a process's end otherwise, which a killed one does not have.
  flushCompileCache()
}

/** A table that cannot be read is put aside and told of; the daemon's next one is served. */
async function readStored(file: string): Promise<BalancerTable | undefined> {
  try {
    return await readTable(file)
  } catch (error) {
    console.error(`The stored table is unusable and was kept as ${file}.bad: ${String(error)}`)
    await rename(file, `${file}.bad`)
    return undefined
  }
}

/** Whoever's socket stands in the run folder is the balancer; a folder that was deleted has none. */
async function leaveWhenReplaced(control: Control, stop: () => void): Promise<void> {
  if (!(await control.stillOurs())) stop()
}

async function stopBalancer(balancer: Balancer): Promise<void> {
  await balancer.stop(AbortSignal.timeout(STOP_DEADLINE_MS))
}

function stopOnSignals(stop: () => void): void {
  process.on('SIGTERM', stop).on('SIGINT', stop)
}

function once(act: () => void): () => void {
  let done = false
  return () => {
    if (done) return
    done = true
    act()
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = isRolloutError(error, 'name-taken') ? ALREADY_THERE : 1
})
