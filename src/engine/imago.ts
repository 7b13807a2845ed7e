import { parseDuration, type Duration } from '../core/duration.ts'
import { problemsError, type Problem } from '../core/errors.ts'
import { resolveFleet, type FleetSpec } from '../core/fleet-spec.ts'
import type { FleetProvider, MetricSource, RolloutStore, RouterLimits } from '../core/ports.ts'
import { caller } from './calls.ts'
import { fleetHandle, type Fleet } from './fleet.ts'
import { goBackWith } from './go-back.ts'
import { processLease } from './lease.ts'
import type { Logger } from './logger.ts'
import { createLife, refuseClosed } from './life.ts'
import { createRegistry, type Registry } from './registry.ts'
import type { Rollout } from './rollout.ts'
import type { Check, Runtime } from './runtime.ts'
import { sweepFleet, type SweepOptions, type Swept } from './sweep.ts'
import { thisSystem, type System } from './system.ts'
import { tickAll, type TickReport } from './tick-all.ts'

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

/** Rollouts of fleets, over one store. */
export interface Imago<Providers extends string = string, Checks extends string = string> {
  /** Declares a fleet; makes no call. @throws RolloutError `spec-invalid`, `name-taken`, `name-unknown`. */
  fleet<const Limits extends RouterLimits = { readonly weights: false }>(
    name: string,
    spec: FleetSpec<Providers, Checks, Limits>,
  ): Fleet<Limits, Checks>
  /** Finds a rollout again, wherever it was started. @throws RolloutError `rollout-not-found`. */
  rollout(id: string): Promise<Rollout>
  /** Gives every rollout that is due one turn. No turn is begun after the budget. @default budget '20s' */
  tick(options?: { readonly budget?: Duration; readonly signal?: AbortSignal }): Promise<TickReport>
  /**
   * Cleans every declared fleet that has no rollout under way: marks that ran out are undone, generations without traffic
   * that earlier rollouts left behind are retired. A fleet that it must leave alone says why.
   */
  sweep(options?: SweepOptions): Promise<readonly Swept[]>
  /** Lets go of all that is under way and waits for its end: then no timer, file, socket or listener is left. The store is closed too. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Makes an imago. Does no I/O. @throws RolloutError `spec-invalid`. */
export function createImago<const Providers extends string, const Checks extends string = never>(
  options: ImagoOptions<Providers, Checks>,
): Imago<Providers, Checks> {
  const runtime = runtimeOf(options)
  const lease = processLease(runtime)
  const registry = createRegistry(runtime, lease, goBackWith(runtime))
  const all = tickAll(runtime, lease, registry)
  const { life } = runtime
  let closing: Promise<void> | undefined
  const close = () => (closing ??= end(runtime, registry))
  return {
    fleet(name, spec) {
      refuseClosed(life)
      const resolved = resolveFleet(name, spec)
      const declared = {
        name,
        provider: spec.provider,
        placement: spec.groups,
        router: spec.traffic,
        health: resolved.health,
        resolved,
      }
      registry.declare(declared)
      return fleetHandle(runtime, registry, declared)
    },
    rollout: (id) => life.during(undefined, async () => registry.handle(await registry.track(id))),
    tick: (given) => life.during(given?.signal, (signal) => all.tick(parseDuration(given?.budget ?? '20s') ?? 20_000, signal)),
    sweep: (given = {}) =>
      life.during(given.signal, async (signal) => {
        const swept: Swept[] = []
        for (const fleet of registry.all()) swept.push(await sweepFleet(runtime, registry, fleet, { ...given, signal }))
        return swept
      }),
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function end({ life, store }: Runtime, registry: Registry): Promise<void> {
  await life.end()
  registry.close()
  await store.close()
}

function runtimeOf(options: ImagoOptions): Runtime {
  const problems: Problem[] = []
  const time = (path: 'requestInterval' | 'lookInterval') => {
    const given = options[path]
    const ms = given === undefined ? undefined : parseDuration(given)
    if (given !== undefined && ms === undefined)
      problems.push({ path, found: JSON.stringify(given), allowed: "a duration such as '2s'" })
    return ms
  }
  const requestIntervalMs = time('requestInterval') ?? 2_000
  const lookIntervalMs = time('lookInterval')
  if (Object.keys(options.providers).length === 0)
    problems.push({ path: 'providers', found: 'none', allowed: 'at least one provider' })
  if (problems.length > 0) throw problemsError('spec-invalid', 'createImago was given options it cannot use', problems)
  const system = options.system ?? thisSystem()
  return {
    system,
    life: createLife(),
    caller: caller(system.clock, () => system.random(), options.log),
    store: options.store,
    providers: options.providers,
    metrics: options.metrics ?? {},
    checks: options.checks ?? {},
    ...(options.log === undefined ? {} : { log: options.log }),
    requestIntervalMs,
    ...(lookIntervalMs === undefined ? {} : { lookIntervalMs }),
  }
}
