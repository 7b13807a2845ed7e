import {
  clone,
  createImago,
  type Clock,
  type FleetProvider,
  type FleetSpec,
  type Logger,
  type MetricSource,
  type RolloutStore,
  type System,
  type TrafficRouter,
} from 'imago'
import { memoryStore } from 'imago/stores/memory'
import { createCloud, createWorld, drive, worldClock, type Cloud, type CloudOptions, type World } from 'imago/testing'

/** A simulated cloud with a healthy fleet of three, and a store that outlives the processes which use it. */
export interface Site {
  readonly world: World
  readonly cloud: Cloud
  readonly store: RolloutStore
  /** Passes simulated time until the promise has settled. */
  settled<T>(promise: Promise<T>): Promise<T>
  pass(ms: number): Promise<void>
}

const DAY_MS = 86_400_000

/** Sets up a site. */
export function createSite(options: Partial<CloudOptions> = {}): Site {
  const world = createWorld({ seed: 7, bootMs: [20_000, 20_000] })
  world.images.publish('img-1', { kind: 'good' })
  world.images.publish('img-2', { kind: 'good' })
  const cloud = createCloud(world, { fleets: [{ groups: [{ id: 'web', image: 'img-1', size: 3 }] }], ...options })
  world.runUntil(world.now + 300_000)
  const settled = <T>(promise: Promise<T>) => drive(world, promise, world.now + 3 * DAY_MS)
  return {
    world,
    cloud,
    store: memoryStore({ now: () => world.now, id: 'memory' }),
    settled,
    pass: (ms) => settled(worldClock(world).sleep(ms)),
  }
}

/** What a process on the site is given, each part of which a test may exchange. */
export interface ProcessSetUp {
  /** @default - the site's */
  readonly store?: RolloutStore
  /** @default - the cloud's */
  readonly provider?: FleetProvider
  /** @default - the cloud's */
  readonly router?: TrafficRouter<{ weights: boolean }>
  /** @default - the cloud's */
  readonly metrics?: MetricSource
  /** @default - none */
  readonly log?: Logger
  /** @default - the world's */
  readonly clock?: Clock
  /** Health and draining of the fleet. @default - the group's and the router's alone */
  readonly fleet?: Pick<FleetSpec<'cloud', 'answers' | 'drained'>, 'health' | 'drain'>
}

/** What `createImago` needs on a site, and nothing more. */
export function processOn(site: Site, name: string) {
  return { store: site.store, providers: { cloud: site.cloud.provider }, system: systemOn(site, name) }
}

/** A process with the fleet `web`, in which the checks and metrics of the cloud are registered. */
export function startProcess(site: Site, name = 'first', setUp: ProcessSetUp = {}) {
  const { cloud, store } = site
  const { answers, drained } = cloud.checks
  const imago = createImago({
    store: setUp.store ?? store,
    providers: { cloud: setUp.provider ?? cloud.provider },
    checks: { answers, drained },
    metrics: { world: setUp.metrics ?? cloud.metrics },
    lookInterval: 10_000,
    system: { ...systemOn(site, name), ...(setUp.clock === undefined ? {} : { clock: setUp.clock }) },
    ...(setUp.log === undefined ? {} : { log: setUp.log }),
  })
  const traffic = setUp.router ?? cloud.router
  if (traffic === undefined) throw new Error('this site has a router')
  const fleet = imago.fleet('web', { provider: 'cloud', groups: clone({ adopt: 'web' }), traffic, ...setUp.fleet })
  return { imago, fleet }
}

/** A process of the simulated world, by name. */
export function systemOn({ world }: Site, name: string): System {
  const random = world.random(name)
  return {
    clock: worldClock(world),
    controller: { id: name, name },
    user: 'ada',
    random: () => random.next(),
    isDead: () => false,
    secret: (length) => Uint8Array.from({ length }, () => random.whole(0, 255)),
  }
}
