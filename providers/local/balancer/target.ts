import { Client } from 'undici'
import { FIRST_EJECTION_MS, INSTANCE_LIMITS, LAST_EJECTION_MS, MAX_IDLE_CONNECTIONS } from './limits.ts'
import type { TableTarget } from './table.ts'

/** One instance: its connections, its requests under way, and whether it could be connected to. */
export interface Target {
  readonly instance: string
  /** The same for rows of two tables that mean the same process. */
  readonly key: string
  state: TableTarget['state']
  inFlight: number
  /** Left out while others are there; in the past when it is not ejected. */
  ejectedUntil: number
  /** A connection for one request alone. */
  take(): Client
  /** The request has ended; the connection may serve another. */
  giveBack(connection: Client): void
  /** It could be connected to: its past is forgotten. */
  reached(): void
  /** It could not be connected to: it is left out for a while, longer each time. */
  eject(now: number): void
  /** Closes each connection as soon as its request has ended. */
  retire(): void
}

/** See {@link Target.key}. */
export function targetKey({ instance, host, port }: TableTarget): string {
  return `${instance} ${host} ${port}`
}

/** Makes a {@link Target}. No connection is made before the first request. */
export function createTarget(row: TableTarget): Target {
  const origin = `http://${row.host.includes(':') ? `[${row.host}]` : row.host}:${row.port}`
  const idle: Client[] = []
  let failures = 0
  let retired = false

  return {
    instance: row.instance,
    key: targetKey(row),
    state: row.state,
    inFlight: 0,
    ejectedUntil: 0,
    take() {
      this.inFlight += 1
      // The one used last: the others grow old and close by themselves when there is little to do.
      return idle.pop() ?? new Client(origin, { ...INSTANCE_LIMITS, allowH2: false })
    },
    giveBack(connection) {
      this.inFlight -= 1
      if (retired || idle.length >= MAX_IDLE_CONNECTIONS) void connection.close()
      else idle.push(connection)
    },
    reached() {
      failures = 0
      this.ejectedUntil = 0
    },
    eject(now) {
      // Requests that were under way to it together say one thing, not many.
      if (now < this.ejectedUntil) return
      this.ejectedUntil = now + Math.min(FIRST_EJECTION_MS * 2 ** failures, LAST_EJECTION_MS)
      failures += 1
    },
    retire() {
      retired = true
      for (const connection of idle.splice(0)) void connection.close()
    },
  }
}
