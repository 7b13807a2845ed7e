import { spawn } from 'node:child_process'
import { closeSync, openSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { systemCode } from '../files.ts'
import { identify, type ProcessIdentity } from './process.ts'

/** A process to be started. */
export interface Launch {
  /** The file in which it leaves its pid before anything else: whoever makes this file first decides. */
  readonly claim: string
  readonly command: readonly string[]
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  readonly log: string
  /** Told once when it has ended, for as long as this process lives. */
  onExit(code: number | null, signal: NodeJS.Signals | null): void
}

/** What became of an earlier launch whose daemon did not live to see it. */
export type ClaimFate = 'never-started' | 'ended' | ProcessIdentity

/**
 * `set -C` makes the shell create the claim only if nobody did: after a killed daemon its successor either finds the pid in
 * it, or makes it itself, and then a shell that comes late runs nothing. `exec` keeps the pid.
 */
const CLAIM_THEN_RUN = 'set -C; echo $$ > "$0" || exit 97; exec "$@"'

/** No shell comes so late. */
const STALE_AFTER_MS = 3_600_000

/** Starts a process in a session of its own, so that it outlives this one. */
export function launch(one: Launch): ProcessIdentity | undefined {
  const log = openSync(one.log, 'a', 0o600)
  try {
    const child = spawn('/bin/sh', ['-c', CLAIM_THEN_RUN, one.claim, ...one.command], {
      cwd: one.folder,
      env: { ...one.environment },
      detached: true,
      stdio: ['ignore', log, log],
    })
    child.on('error', () => one.onExit(null, null))
    child.on('exit', (code, signal) => one.onExit(code, signal))
    child.unref()
    return child.pid === undefined ? undefined : identify(child.pid)
  } finally {
    closeSync(log)
  }
}

/** Finds out what became of a launch. Called once, before anything is launched anew. */
export async function claimFate(claim: string, wait: (ms: number) => Promise<void>): Promise<ClaimFate> {
  if (takeClaim(claim)) return 'never-started'
  // The shell makes the file a moment before its pid stands in it.
  for (let tries = 0; tries < 20; tries++) {
    const pid = Number(readFileSync(claim, 'utf8').trim())
    if (pid > 0) return identify(pid) ?? 'ended'
    await wait(50)
  }
  return 'ended'
}

/** Makes the claim so that a launch that comes late runs nothing; false when the process was there first. */
export function takeClaim(claim: string): boolean {
  try {
    closeSync(openSync(claim, 'wx', 0o600))
    return true
  } catch (fault) {
    if (systemCode(fault) === 'EEXIST') return false
    throw fault
  }
}

/** Forgets a launch that has ended. */
export function dropClaim(claim: string): void {
  rmSync(claim, { force: true })
}

/** Forgets launches that nothing can come of any more. */
export function dropOldClaims(folder: string, living: ReadonlySet<string>, now: number): void {
  for (const name of readdirSync(folder)) {
    const claim = join(folder, name)
    if (!living.has(name.replace(/\.pid$/, '')) && now - statSync(claim).mtimeMs > STALE_AFTER_MS) dropClaim(claim)
  }
}
