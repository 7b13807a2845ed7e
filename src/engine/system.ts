import { hostname, userInfo } from 'node:os'
import type { Controller } from '../core/events.ts'
import type { Clock } from '../core/ports.ts'

/** Everything the engine takes from the machine it runs on, handed in so that a simulation can hand in its own. */
export interface System {
  readonly clock: Clock
  /** This process, as other controllers will see it. */
  readonly controller: Controller
  /** The person or account on whose behalf this process asks, where nobody is named. */
  readonly user: string
  /** A number in [0, 1). */
  random(): number
  /** Whether a controller is known to be dead; `false` when that cannot be told from here. */
  isDead(controller: Controller): boolean
  /** Bytes that nobody can guess, for keys. */
  secret(length: number): Uint8Array
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve()
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, Math.min(ms, 2 ** 31 - 1))
      signal?.addEventListener('abort', done)
    }),
}

/** This machine: its clock, its process, its randomness. */
export function thisSystem(): System {
  const host = hostname()
  const nonce = Math.random().toString(36).slice(2, 10)
  return {
    clock: systemClock,
    controller: { id: `${host}:${process.pid}:${nonce}`, name: `${host} pid ${process.pid}` },
    user: userName(),
    random: () => Math.random(),
    isDead: (other) => deadHere(other, host),
    secret: (length) => globalThis.crypto.getRandomValues(new Uint8Array(length)),
  }
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    // An account without an entry in the user database still has a number.
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}

/** A controller on this host whose process is gone cannot come back: nobody needs to wait for its lease. */
function deadHere(other: Controller, host: string): boolean {
  const [itsHost, pid] = other.id.split(':')
  if (itsHost !== host || pid === undefined) return false
  if (Number(pid) === process.pid) return false
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
