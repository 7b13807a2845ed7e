import { isRolloutError } from '../core/errors.ts'
import type { Controller } from '../core/events.ts'
import type { Json } from '../core/json.ts'
import type { Runtime } from './runtime.ts'
import type { StoreCalls } from './store-calls.ts'

// L1. The lease only says who drives, since when and until when. Safety never rests on it: the journal is the fence.
// L2. One cell a process, however many rollouts it drives.

/** How long a controller that has stopped speaking is still believed to be there. */
export const LEASE_MS = 30_000
const RENEW_MS = LEASE_MS / 3

/** What a controller says of itself. */
export interface LeaseView {
  readonly name: string
  readonly sinceAt: number
  readonly untilAt: number
}

/** This process's lease, renewed when it drives. */
export interface Lease {
  /** Renews if it is time to. */
  renew(runtime: Runtime, now: number): Promise<void>
  /** What another controller says of itself; `undefined` when it is gone. */
  look(runtime: Runtime, controller: Controller): Promise<LeaseView | undefined>
  /** Runs a body that drives; when the last one has ended the lease is dropped, so that others may take over at once. */
  driving<T>(runtime: Runtime, body: () => Promise<T>): Promise<T>
}

/** Makes the lease of a process; nothing is written before the first renewal. */
export function createLease(controller: Controller): Lease {
  const mine = keyOf(controller)
  let version: string | undefined
  let sinceAt: number | undefined
  let renewedAt = -Infinity
  let drivers = 0
  return {
    async renew({ store }, now) {
      if (now - renewedAt < RENEW_MS) return
      renewedAt = now
      sinceAt ??= now
      await write(store, { name: controller.name, sinceAt, untilAt: now + LEASE_MS })
    },
    async look({ store }, other) {
      const cell = await store.get(keyOf(other))
      return cell === undefined ? undefined : (cell.value as unknown as LeaseView)
    },
    async driving({ store }, body) {
      drivers++
      try {
        return await body()
      } finally {
        drivers--
        if (drivers === 0) await drop(store)
      }
    },
  }

  async function drop(store: StoreCalls): Promise<void> {
    if (sinceAt === undefined) return
    sinceAt = undefined
    renewedAt = -Infinity
    try {
      await write(store, null)
    } catch (error) {
      // It runs out by itself; the store being away is no reason to fail what was done.
      if (!isRolloutError(error)) throw error
    }
  }

  async function write(store: StoreCalls, value: Json): Promise<void> {
    const result = await store.compareAndSet(mine, version, value)
    if (result === 'set' && value === null) version = undefined
    // The cell is this process's alone: whatever became of a doubtful write, the next one starts from what is there.
    else version = (await store.get(mine))?.version
    if (result === 'lost' && version !== undefined && value !== null) await store.compareAndSet(mine, version, value)
  }
}

function keyOf(controller: Controller): string {
  return `lease/${controller.id}`
}
