import type { At } from '../core/snapshot.ts'
import type { Runtime } from './runtime.ts'

/** The store's clock, read once and carried on by this process's own. */
export interface StoreTime {
  readonly readAt: At
  /** The store's time now, as far as this process can tell. */
  now(): At
  /** How much time may have passed since a moment; a machine that slept shows it on the wall clock only. */
  passedSince(at: At): number
}

/** Reads the store's clock. @throws RolloutError `store-unavailable`. */
export async function readStoreTime({ store, system: { clock } }: Runtime): Promise<StoreTime> {
  const readAt = await store.now()
  const began = { monotonic: clock.monotonic(), wall: clock.now() }
  const steady = () => clock.monotonic() - began.monotonic
  return {
    readAt,
    now: () => readAt + Math.floor(steady()),
    passedSince: (at) => readAt + Math.max(steady(), clock.now() - began.wall) - at,
  }
}
