import { spawn, type ChildProcess } from 'node:child_process'
import { appendFileSync, closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { rolloutError } from '../../../src/core/errors.ts'
import { entryPoint, NODE_FLAGS, plainEnvironment } from '../entry.ts'
import { tryLock, type HeldLock } from '../lock.ts'
import { makeFolders, type LocalPaths } from '../paths.ts'
import { HEADERS, PROTOCOL } from '../protocol.ts'
import { askSocket } from '../socket.ts'

const STARTS_WITHIN_MS = 20_000
const LOOK_EVERY_MS = 20

/**
 * Sees to it that a daemon answers: one client starts it, under a lock, and the others wait for it.
 *
 * @throws RolloutError `host-unfit` when it does not start, with what it said.
 */
export async function ensureDaemon(paths: LocalPaths, signal?: AbortSignal): Promise<void> {
  refuseForeignPlatform()
  makeFolders(paths)
  let lock: HeldLock | undefined
  let child: ChildProcess | undefined
  try {
    for (const until = Date.now() + STARTS_WITHIN_MS; !(await answers(paths));) {
      lock ??= await tryLock(paths.startLock)
      // One that was killed as it started says nothing against the next.
      if (lock !== undefined && (child === undefined || child.signalCode !== null)) child = startDaemon(paths)
      if (hasFailed(child) || Date.now() > until) throw notStarted(paths)
      await sleep(LOOK_EVERY_MS, undefined, signal && { signal })
    }
  } finally {
    lock?.free()
  }
}

function hasFailed(child: ChildProcess | undefined): boolean {
  return child !== undefined && (child.exitCode !== null || child.pid === undefined)
}

/** Whether somebody answers on the daemon's socket, in whatever protocol. */
async function answers(paths: LocalPaths): Promise<boolean> {
  const headers = { [HEADERS.protocol]: String(PROTOCOL) }
  const answer = await askSocket({ socket: paths.daemonSocket, method: 'GET', path: '/hello', headers, timeoutMs: 2_000 })
  return 'status' in answer
}

function startDaemon(paths: LocalPaths): ChildProcess {
  const log = openSync(paths.daemonLog, 'a', 0o600)
  const child = spawn(process.execPath, [...NODE_FLAGS, entryPoint('daemon'), '--home', paths.home], {
    cwd: paths.home,
    env: plainEnvironment(paths),
    detached: true,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  // Without a pid it never ran, and the loop above finds that out by itself.
  child.on('error', (fault) => appendFileSync(paths.daemonLog, `${fault.message}\n`))
  child.unref()
  return child
}

function notStarted(paths: LocalPaths) {
  const said = readFileSync(paths.daemonLog, 'utf8').trimEnd().split('\n').at(-1) ?? ''
  const why = `the daemon of ${paths.home} does not start`
  return rolloutError('host-unfit', `${why}; it said: ${said} Its log is ${paths.daemonLog}.`, { why })
}

function refuseForeignPlatform(): void {
  if (process.platform === 'linux' || process.platform === 'darwin') return
  const why = `the local cloud runs on Linux and macOS, not on ${process.platform}`
  throw rolloutError('host-unfit', `This machine cannot be a cloud: ${why}.`, { why })
}
