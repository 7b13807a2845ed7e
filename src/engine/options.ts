import * as v from 'valibot'
import type { Duration } from '../core/duration.ts'
import { problemsError } from '../core/errors.ts'
import type { MetricSource } from '../core/metric-source.ts'
import type { FleetProvider, RolloutStore } from '../core/ports.ts'
import { adapter, check, duration, interval, name } from '../core/schema.ts'
import { caller } from './calls.ts'
import { createLife } from './life.ts'
import type { Logger } from './logger.ts'
import type { Check, Runtime } from './runtime.ts'
import { storeCalls } from './store-calls.ts'
import { thisSystem, type System } from './system.ts'

/** What imago is made of: everything that is code has a name here, plans store the names. */
export interface ImagoOptions<Providers extends string = string, Checks extends string = string> {
  /** Where journals are kept. */
  readonly store: RolloutStore
  readonly providers: Readonly<Record<Providers, FleetProvider>>
  /** Checks of one's own, by name. @default - none */
  readonly checks?: Readonly<Record<Checks, Check>>
  /** Metric sources, by name. @default - none */
  readonly metrics?: Readonly<Record<string, MetricSource>>
  /** A pino-shaped logger. @default - silent */
  readonly log?: Logger
  /** How often requests are looked for while a rollout sleeps. @default '2s' */
  readonly requestInterval?: Duration
  /** How often a fleet is looked at. @default - a tenth of what its instances usually take to boot, from 250 ms to 10 s */
  readonly lookInterval?: Duration
  /** Clock, chance and identity of the process. @default - this machine's */
  readonly system?: System
}

const methods = <T>(what: string, ...names: readonly string[]) =>
  v.custom<T>(
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      names.every((one) => typeof (value as Record<string, unknown>)[one] === 'function'),
    what,
  )
const schema = v.strictObject({
  store: adapter<RolloutStore>('append', 'a store'),
  providers: v.pipe(
    v.record(name, adapter<FleetProvider>('ensureGroup', 'a provider')),
    v.check((all) => Object.keys(all).length > 0, 'at least one provider'),
  ),
  checks: v.optional(v.record(name, v.function('a function')), {}),
  metrics: v.optional(v.record(name, adapter<MetricSource>('read', 'a metric source')), {}),
  log: v.optional(methods<Logger>('a logger with debug, info, warn and error', 'debug', 'info', 'warn', 'error')),
  requestInterval: v.optional(interval, '2s'),
  lookInterval: v.optional(interval),
  system: v.optional(methods<System>('a system', 'random', 'isDead', 'secret')),
})

/** What the parts of an imago share, from its options. @throws RolloutError `spec-invalid` with every problem. */
export function runtimeOf(options: ImagoOptions): Runtime {
  const { value, problems } = check(schema, options, '')
  if (value === undefined) throw problemsError('spec-invalid', 'createImago was given options it cannot use', problems)
  const { store, providers, metrics = {}, checks = {}, log, system = thisSystem() } = options
  const calls = caller(system.clock, () => system.random(), log)
  return {
    system,
    life: createLife(system.clock),
    caller: calls,
    store: storeCalls(store, calls),
    providers,
    metrics,
    checks,
    ...(log === undefined ? {} : { log }),
    requestIntervalMs: value.requestInterval,
    ...(value.lookInterval === undefined ? {} : { lookIntervalMs: value.lookInterval }),
  }
}

/** The time that ticks of all may take, ms. @throws RolloutError `spec-invalid`. */
export function budgetMs(given: Duration | undefined): number {
  const { value, problems } = check(v.optional(duration, '20s'), given, 'budget')
  if (value === undefined) throw problemsError('spec-invalid', 'imago.tick was given a budget it cannot use', problems)
  return value
}
