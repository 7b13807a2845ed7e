import { LATENCY_BOUNDS_MS, type SecondCounters } from './table.ts'

/** One for each second that is kept. */
const SLOTS = 120

interface Slot {
  second: number
  requests: number
  failures: number
  readonly latency: number[]
}

/** Counts what a pool answered, second by second, for the last two minutes. */
export interface Counters {
  /** One request ended at `at`; its answer's head took `latencyMs`, which is `undefined` when none came. */
  add(at: number, failed: boolean, latencyMs: number | undefined): void
  /** Oldest first; seconds without requests are left out. */
  read(at: number): SecondCounters[]
}

/** Makes {@link Counters}: a ring of fixed size, so that a busy pool costs no more than an idle one. */
export function createCounters(): Counters {
  const ring: Slot[] = Array.from({ length: SLOTS }, () => ({
    second: -1,
    requests: 0,
    failures: 0,
    latency: new Array<number>(LATENCY_BOUNDS_MS.length + 1).fill(0),
  }))

  return {
    add(at, failed, latencyMs) {
      const slot = slotOf(ring, Math.floor(at / 1_000))
      slot.requests += 1
      if (failed) slot.failures += 1
      if (latencyMs === undefined) return
      const bucket = bucketOf(latencyMs)
      slot.latency[bucket] = (slot.latency[bucket] ?? 0) + 1
    },
    read(at) {
      const oldest = Math.floor(at / 1_000) - SLOTS
      return ring
        .filter((slot) => slot.second > oldest)
        .sort((a, b) => a.second - b.second)
        .map(({ second, requests, failures, latency }) => ({ at: second * 1_000, requests, failures, latency: [...latency] }))
    },
  }
}

function slotOf(ring: Slot[], second: number): Slot {
  const slot = ring[second % SLOTS] as Slot
  if (slot.second === second) return slot
  slot.second = second
  slot.requests = 0
  slot.failures = 0
  slot.latency.fill(0)
  return slot
}

function bucketOf(latencyMs: number): number {
  let bucket = 0
  while (bucket < LATENCY_BOUNDS_MS.length && latencyMs > (LATENCY_BOUNDS_MS[bucket] as number)) bucket += 1
  return bucket
}
