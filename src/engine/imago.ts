import type { Duration } from '../core/duration.ts'
import { resolveFleet, type FleetSpec } from '../core/fleet-spec.ts'
import type { RolloutStore, RouterLimits } from '../core/ports.ts'
import { fleetHandle, type Fleet } from './fleet.ts'
import { goBack } from './go-back.ts'
import { createLease } from './lease.ts'
import { refuseClosed, type Life } from './life.ts'
import { budgetMs, runtimeOf, type ImagoOptions } from './options.ts'
import { createRegistry, type Registry } from './registry.ts'
import type { Rollout } from './rollout.ts'
import { within } from './runtime.ts'
import { sweepFleet, type SweepOptions, type Swept } from './sweep.ts'
import { tickAll, type TickReport } from './tick-all.ts'

/** Rollouts of fleets, over one store. */
export interface Imago<Providers extends string = string, Checks extends string = string> {
  /** Declares a fleet; makes no call. @throws RolloutError `spec-invalid` with every problem, `name-taken`. */
  fleet<const Limits extends RouterLimits = { readonly weights: false }>(
    name: string,
    spec: FleetSpec<Providers, Checks, Limits>,
  ): Fleet<Limits, Checks>
  /** Finds a rollout again, wherever it was started. @throws RolloutError `rollout-not-found`. */
  rollout(id: string): Promise<Rollout>
  /** Gives every rollout that is due one turn, up to 64 of them side by side. No turn is begun after the budget. @default budget '20s' */
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
  const lease = createLease(runtime.system.controller)
  const registry = createRegistry(runtime, lease, goBack)
  const all = tickAll(runtime, lease, registry)
  const { life } = runtime
  let closing: Promise<void> | undefined
  const close = () => (closing ??= end(life, registry, options.store))
  return {
    fleet(name, spec) {
      refuseClosed(life)
      const resolved = resolveFleet(name, spec, Object.keys(runtime.providers))
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
    rollout: (id) => life.during(undefined, async ({ signal }) => registry.handle(await registry.track(id, signal))),
    tick: (given) => life.during(given?.signal, (term) => all.tick(budgetMs(given?.budget), term)),
    sweep: (given = {}) =>
      life.during(given.signal, async ({ signal }) => {
        const swept: Swept[] = []
        for (const fleet of registry.all())
          swept.push(await sweepFleet(within(runtime, { fleet: fleet.name }, signal), registry, fleet, given, signal))
        return swept
      }),
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function end(life: Life, registry: Registry, store: RolloutStore): Promise<void> {
  await life.end()
  registry.close()
  await store.close()
}
