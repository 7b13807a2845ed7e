import { clone, createImago, type FleetProvider, type RolloutStore, type System } from 'imago'
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
}

/** What `createImago` takes for a process of the simulated world. */
export function processOn(site: Site, name: string, { store = site.store, provider = site.cloud.provider }: ProcessSetUp = {}) {
  return { store, providers: { cloud: provider }, lookInterval: 10_000, system: systemOn(site, name) } as const
}

/** A process with the fleet `web`, in which the checks and metrics of the cloud are registered. */
export function startProcess(site: Site, name = 'first', setUp: ProcessSetUp = {}) {
  const { checks, metrics, router } = site.cloud
  const imago = createImago({ ...processOn(site, name, setUp), checks: { answers: checks.answers }, metrics: { world: metrics } })
  if (router === undefined) throw new Error('this site has a router')
  const fleet = imago.fleet('web', { provider: 'cloud', groups: clone({ adopt: 'web' }), traffic: router })
  return { imago, fleet }
}

function systemOn({ world }: Site, name: string): System {
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
