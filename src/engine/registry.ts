import type { RolloutState } from '../core/state.ts'
import { rolloutError } from '../core/errors.ts'
import type { FleetProvider, FleetTarget, Placement, TrafficRouter } from '../core/ports.ts'
import type { ResolvedFleet } from '../core/fleet-spec.ts'
import type { Lease } from './lease.ts'
import { known, refuseMissing, unknown } from './missing.ts'
import { rolloutHandle, type By, type Rollout } from './rollout.ts'
import type { Runtime } from './runtime.ts'
import type { Watched } from './take-look.ts'
import type { Tracked } from './tracked.ts'
import { createTracking } from './tracking.ts'

/** A fleet as this process declared it, with every default filled in. */
export interface Declared {
  readonly name: string
  readonly provider: string
  readonly placement: Placement
  readonly router: TrafficRouter | undefined
  readonly resolved: ResolvedFleet
}

/** What one imago instance holds: the fleets declared to it, and the rollouts it tracks. */
export interface Registry {
  declare(fleet: Declared): void
  /** @throws RolloutError `name-unknown`. */
  declared(name: string): Declared
  /** Every fleet that was declared. */
  all(): Iterable<Declared>
  providerOf(fleet: Declared): FleetProvider
  target(fleet: Declared, id?: string): FleetTarget
  /** Tracks a rollout, once per process. @param from where emission begins. @default 'now' */
  track(rolloutId: string, signal: AbortSignal, from?: 'start' | 'now'): Promise<Tracked>
  watched(state: RolloutState): Watched
  handle(tracked: Tracked): Rollout
  forget(rolloutId: string): void
  close(): void
}

/** Plans and starts the release that was before a rollout that has ended. */
export type GoBack = (
  runtime: Runtime,
  registry: Registry,
  state: RolloutState,
  asked: By,
  signal: AbortSignal,
) => Promise<Rollout>

/** A registry over a runtime. */
export function createRegistry(runtime: Runtime, lease: Lease, goBack: GoBack): Registry {
  const fleets = new Map<string, Declared>()
  const tracking = createTracking(runtime)
  const registry: Registry = {
    declare(fleet) {
      if (fleets.has(fleet.name))
        throw rolloutError('name-taken', `A fleet ${fleet.name} is declared already; each fleet is declared once.`, {
          kind: 'fleet',
          name: fleet.name,
        })
      fleets.set(fleet.name, fleet)
    },
    declared(name) {
      const fleet = fleets.get(name)
      if (fleet === undefined) throw unknown('fleet', name, [...fleets.keys()])
      return fleet
    },
    all: () => fleets.values(),
    providerOf: (fleet) => known('provider', fleet.provider, runtime.providers),
    target: (fleet, id) => ({ name: fleet.name, placement: fleet.placement, handles: [], ...(id === undefined ? {} : { id }) }),
    track: (rolloutId, signal, from = 'now') => tracking.track(rolloutId, signal, from),
    watched(state) {
      const { plan } = state
      const fleet = registry.declared(plan.fleet.name)
      refuseMissing(runtime, plan)
      const updates = plan.waypoints.some(({ agency }) => agency === 'native')
      const named = { name: fleet.name, placement: plan.fleet.placement, id: plan.fleet.id, handles: [] }
      const target = updates ? { ...named, updates } : named
      return {
        target,
        provider: registry.providerOf(fleet),
        providerName: fleet.provider,
        router: fleet.router,
        probes: plan.health.probes,
      }
    },
    handle: (tracked) =>
      rolloutHandle(runtime, lease, tracked, {
        watched: () => registry.watched(tracked.state),
        goBack: (within, asked, signal) => goBack(within, registry, tracked.state, asked, signal),
      }),
    forget: (rolloutId) => tracking.forget(rolloutId),
    close: () => tracking.close(),
  }
  return registry
}
