import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** One process of this machine: a pid alone may be somebody else's by tomorrow. */
export interface ProcessIdentity {
  readonly pid: number
  /** When it was started, as the system tells it; the same text for as long as it lives. */
  readonly start: string
}

/** The process that has this pid now, or `undefined`; one that has ended and waits to be collected does not count. */
export function identify(pid: number): ProcessIdentity | undefined {
  const start = process.platform === 'linux' ? startOnLinux(pid) : startByPs(pid)
  return start === undefined ? undefined : { pid, start }
}

/** Whether it still runs. */
export function isRunning(one: ProcessIdentity): boolean {
  return identify(one.pid)?.start === one.start
}

/**
 * Sends a signal to a process and all of its group, if it is still the one that is meant.
 *
 * When the leader is gone but its group is not, the group is still ours: a pid is not given away while a group has it.
 */
export function signalGroup(one: ProcessIdentity, signal: NodeJS.Signals): void {
  const now = identify(one.pid)
  if (now !== undefined && now.start !== one.start) return
  try {
    process.kill(-one.pid, signal)
  } catch (fault) {
    if (!(fault instanceof Error && 'code' in fault && (fault.code === 'ESRCH' || fault.code === 'EPERM'))) throw fault
  }
}

/** Field 22 of `/proc/<pid>/stat`, counted from boot, so the boot is part of it. The name in field 2 may hold spaces and brackets. */
function startOnLinux(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : `${bootId()}/${fields[19] ?? ''}`
  } catch {
    // No such process.
    return undefined
  }
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
}

function startByPs(pid: number): string | undefined {
  try {
    const text = execFileSync('/bin/ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
    return text === '' || text.startsWith('Z') ? undefined : text.replace(/^\S+\s+/, '')
  } catch {
    // ps fails when there is no such process.
    return undefined
  }
}
