import type { MetricSource, FleetProvider, RolloutStore } from '../core/ports.ts'
import type { ProviderFacts } from '../core/snapshot.ts'
import type { Caller } from './calls.ts'
import type { Life } from './life.ts'
import type { Logger } from './logger.ts'
import type { System } from './system.ts'

/** What a check is given. */
export interface CheckContext {
  /** Where the generation, or the instance, can be reached; absent when it has no address. */
  readonly endpoint?: string
  readonly group: string
  readonly release: string
  /** The same for every repetition of one question. */
  readonly key: string
  readonly signal: AbortSignal
}

/** A check of one's own: true when all is well. A throw is an error, not a no. */
export type Check = (context: CheckContext) => Promise<boolean> | boolean

/** What the parts of one engine share. No other state is shared between them. */
export interface Runtime {
  readonly system: System
  readonly caller: Caller
  readonly life: Life
  readonly store: RolloutStore
  readonly providers: Readonly<Record<string, FleetProvider>>
  readonly metrics: Readonly<Record<string, MetricSource>>
  readonly checks: Readonly<Record<string, Check>>
  readonly log?: Logger
  /** How often requests are looked for, ms. */
  readonly requestIntervalMs: number
  /** How often the fleet is looked at while something is awaited, ms. @default - from the provider's usual times */
  readonly lookIntervalMs?: number
}

/** How often a fleet is looked at, ms: given, or a fraction of what its instances usually take to boot. */
export function lookMsOf({ lookIntervalMs }: Runtime, { usualBootMs }: Pick<ProviderFacts, 'usualBootMs'>): number {
  return lookIntervalMs ?? Math.min(10_000, Math.max(250, usualBootMs / 10))
}
