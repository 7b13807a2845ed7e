import type { Outcome } from './ask.ts'

/** Requests and how many of them failed. */
export interface Count {
  requests: number
  failed: number
}

/** What was seen in one stretch of time. */
export interface Summary extends Count {
  /** By what the answers' `x-image` said; requests that no image answered stand under `none`. */
  readonly byImage: Readonly<Record<string, Count>>
  /** From the moment a request was due, so that a stall shows; streams do not count. 0 when there was none. */
  readonly latencyMs: { readonly p50: number; readonly p99: number }
}

/** Counts outcomes. */
export interface Tally {
  add(outcome: Outcome, tookMs: number): void
  summary(): Summary
}

/** Makes an empty tally. */
export function createTally(): Tally {
  const total: Count = { requests: 0, failed: 0 }
  const byImage: Record<string, Count> = {}
  const times: number[] = []
  return {
    add(outcome, tookMs) {
      for (const count of [total, (byImage[outcome.image ?? 'none'] ??= { requests: 0, failed: 0 })]) {
        count.requests += 1
        if (outcome.why !== undefined) count.failed += 1
      }
      if (outcome.kind !== 'stream') times.push(tookMs)
    },
    summary() {
      times.sort((a, b) => a - b)
      const at = (share: number) => Math.round((times[Math.floor(times.length * share)] ?? 0) * 10) / 10
      return { ...total, byImage: structuredClone(byImage), latencyMs: { p50: at(0.5), p99: at(0.99) } }
    },
  }
}
