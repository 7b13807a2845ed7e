import { isRolloutError } from '../core/errors.ts'
import type { Controller } from '../core/events.ts'
import type { Json } from '../core/json.ts'
import type { Runtime } from './runtime.ts'

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
  renew(now: number): Promise<void>
  /** What another controller says of itself; `undefined` when it is gone. */
  look(controller: Controller): Promise<LeaseView | undefined>
  /** Runs a body that drives; when the last one has ended the lease is dropped, so that others may take over at once. */
  driving<T>(body: () => Promise<T>): Promise<T>
}

/** Makes the lease of this process; nothing is written before the first renewal. */
export function processLease(runtime: Runtime): Lease {
  const { store, caller, system } = runtime
  const mine = keyOf(system.controller)
  let version: string | undefined
  let sinceAt: number | undefined
  let renewedAt = -Infinity
  let drivers = 0
  return {
    async renew(now) {
      if (now - renewedAt < RENEW_MS) return
      renewedAt = now
      sinceAt ??= now
      await write({ name: system.controller.name, sinceAt, untilAt: now + LEASE_MS })
    },
    async look(controller) {
      const cell = await caller.call('store', 'get', 3, () => store.get(keyOf(controller)))
      return cell === undefined ? undefined : (cell.value as unknown as LeaseView)
    },
    async driving(body) {
      drivers++
      try {
        return await body()
      } finally {
        drivers--
        if (drivers === 0) await drop()
      }
    },
  }

  async function drop(): Promise<void> {
    if (sinceAt === undefined) return
    sinceAt = undefined
    renewedAt = -Infinity
    try {
      await write(null)
    } catch (error) {
      // It runs out by itself; the store being away is no reason to fail what was done.
      if (!isRolloutError(error)) throw error
    }
  }

  async function write(value: Json): Promise<void> {
    const result = await caller.call('store', 'compareAndSet', 2, () => store.compareAndSet(mine, version, value))
    if (result === 'set' && value === null) version = undefined
    // The cell is this process's alone: whatever became of a doubtful write, the next one starts from what is there.
    else version = (await caller.call('store', 'get', 3, () => store.get(mine)))?.version
    if (result === 'lost' && version !== undefined && value !== null)
      await caller.call('store', 'compareAndSet', 2, () => store.compareAndSet(mine, version, value))
  }
}

function keyOf(controller: Controller): string {
  return `lease/${controller.id}`
}
