import type { MetricSource } from '../core/metric-source.ts'
import type { FleetProvider } from '../core/ports.ts'
import type { ProviderFacts } from '../core/snapshot.ts'
import type { About, Caller } from './calls.ts'
import type { Life } from './life.ts'
import type { Logger } from './logger.ts'
import type { StoreCalls } from './store-calls.ts'
import type { System } from './system.ts'

/** What a check is given. */
export interface CheckContext {
  /** Where the generation, or the instance, can be reached; absent when it has no address. */
  readonly endpoint?: string
  /** What requests there must carry. @default - nothing */
  readonly headers?: Readonly<Record<string, string>>
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
  readonly store: StoreCalls
  readonly providers: Readonly<Record<string, FleetProvider>>
  readonly metrics: Readonly<Record<string, MetricSource>>
  readonly checks: Readonly<Record<string, Check>>
  readonly log?: Logger
  /** How often requests are looked for, ms. */
  readonly requestIntervalMs: number
  /** How often the fleet is looked at while something is awaited, ms. @default - from the provider's usual times */
  readonly lookIntervalMs?: number
}

/** The same engine for one thing: its calls say what they are about, and its store is left to itself when the signal aborts. */
export function within(runtime: Runtime, about: About, signal: AbortSignal): Runtime {
  const caller = runtime.caller.about(about)
  return { ...runtime, caller, store: runtime.store.within(caller, signal) }
}

/** Does something for one thing, until somebody lets go or imago is closed. @throws RolloutError `closed`. */
export function during<T>(
  runtime: Runtime,
  about: About,
  given: AbortSignal | undefined,
  body: (runtime: Runtime, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return runtime.life.during(given, ({ signal }) => body(within(runtime, about, signal), signal))
}

/** How often a fleet is looked at, ms: given, or a fraction of what its instances usually take to boot. */
export function lookMsOf({ lookIntervalMs }: Runtime, { usualBootMs }: Pick<ProviderFacts, 'usualBootMs'>): number {
  return lookIntervalMs ?? Math.min(10_000, Math.max(250, usualBootMs / 10))
}
