import type { Cause } from 'imago/testing'

/** What shares traffic among endpoints, by weights. */
export interface ProfileRecord {
  readonly kind: 'trafficManager' | 'frontDoor'
  readonly endpoints: Map<string, EndpointRecord>
  /** Seconds for which an answer of Traffic Manager is good. */
  ttl: number
  method: string
  /** How much slower than the fastest an origin of Front Door may be, milliseconds. */
  latencyMs: number
  isSticky: boolean
  /** What it goes by while its writes are on their way to whoever asks. @default - by its endpoints */
  inForce?: Shares
  /** Those on their way, in order. */
  spreading?: SpreadingWrite[]
}

/** Parts of all traffic, in thousandths, by the pools that get them. */
export type Shares = ReadonlyMap<string, number>

/** A write of an endpoint that is not true for requests yet. */
export interface SpreadingWrite {
  shares: Shares
  /** From when on it is. */
  readonly at: number
  cause: Cause
}

export interface EndpointRecord {
  /** The pool that its address leads to, `web-lb/web`. */
  readonly pool: string
  weight: number
  isEnabled: boolean
  priority: number
  /** What probes say of it. @default - it answers */
  ill?: string
  /** Until when it is being written. */
  busyUntil: number
}
