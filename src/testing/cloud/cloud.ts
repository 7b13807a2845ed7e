import type { MetricSource } from '../../core/metric-source.ts'
import type { FleetProvider, TrafficRouter } from '../../core/ports.ts'
import type { World } from '../world/index.ts'
import { startAutoscaler } from './autoscaler.ts'
import { Desk, type Calls } from './calls.ts'
import { createChecks, type CloudChecks } from './checks.ts'
import { FaultPlan, type Faults } from './faults.ts'
import { PLAIN } from './groups.ts'
import { createMetrics } from './metrics.ts'
import { settingsOf, type CloudOptions } from './options.ts'
import { createPeople, type People } from './people.ts'
import { createProvider } from './provider.ts'
import { createRouter } from './router.ts'
import { createShownKeeper } from './shown.ts'
import type { Site } from './site.ts'
import { createTruth, type Truth } from './truth.ts'
import { addressOf } from './views.ts'
import { startWorldFaults } from './world-faults.ts'

/** A simulated cloud on a world. */
export interface Cloud {
  readonly provider: FleetProvider
  /** Absent when the cloud was made without one. */
  readonly router: TrafficRouter<{ weights: boolean }> | undefined
  /** Numbers from the truth. */
  readonly metrics: MetricSource
  /** Checks to register by name. */
  readonly checks: CloudChecks
  readonly truth: Truth
  readonly people: People
  readonly faults: Faults
  readonly calls: Calls
}

/** Puts a cloud on a world. The images of its fleets must have been published there. */
export function createCloud(world: World, options: CloudOptions): Cloud {
  const settings = settingsOf(options, world.machines.bootMs[1])
  const faults = new FaultPlan(world, options.faults)
  const site: Site = {
    world,
    settings,
    faults,
    // Where no read is ever stale nobody needs to know how things were.
    shown: createShownKeeper(() => world.now, faults.kinds.has(5) ? settings.lagMs : 0),
    chance: world.random('cloud'),
    fleets: new Map(),
    groups: new Map(),
    templates: new Map([[PLAIN, {}]]),
    severed: [],
  }
  world.observe(() => site.shown.flush())
  const people = createPeople(site)
  for (const fleet of settings.fleets) people.createFleet(fleet)
  startAutoscaler(site)
  startWorldFaults(site, people)
  const desk = new Desk(site)
  const truth = createTruth(site)
  return {
    provider: createProvider(site, desk),
    router: settings.router === undefined ? undefined : createRouter(site, desk),
    metrics: createMetrics(truth, faults),
    checks: createChecks({ world, truth, addressOf }),
    truth,
    people,
    faults: site.faults,
    calls: desk,
  }
}
