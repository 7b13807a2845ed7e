import {
  clone,
  createImago,
  isRolloutError,
  type Check,
  type ErrorCode,
  type Fleet,
  type FleetProvider,
  type FleetSpec,
  type Imago,
  type MetricSource,
  type Placement,
  type RolloutError,
  type RolloutStore,
} from 'imago'
import { memoryStore } from 'imago/stores/memory'
import { createCloud, createWorld, drive, worldClock, type Cloud, type CloudOptions, type World } from 'imago/testing'

/** How one process declares itself and the fleet. */
export interface ProcessSetUp {
  /** @default 'web' */
  readonly name?: string
  /** @default - cloned from `web` */
  readonly groups?: Placement
  readonly spec?: Pick<FleetSpec, 'health' | 'drain' | 'floor'>
  readonly checks?: Readonly<Record<string, Check>>
  readonly metrics?: Readonly<Record<string, MetricSource>>
  /** @default - the cloud's */
  readonly provider?: FleetProvider
  /** @default - the one that all processes of the site share */
  readonly store?: RolloutStore
}

/** A simulated cloud with the fleet `web`, and processes that share a store. */
export interface Site {
  readonly world: World
  readonly cloud: Cloud
  process(setUp?: ProcessSetUp): { readonly imago: Imago; readonly fleet: Fleet }
  newStore(): RolloutStore
  /** Passes simulated time until the promise has settled. */
  settled<T>(promise: Promise<T>): Promise<T>
  /** The error that a promise ends with; one that does not, or otherwise, fails the test. */
  refused<C extends ErrorCode>(promise: Promise<unknown>, code: C): Promise<RolloutError<C>>
  pass(ms: number): Promise<void>
}

const WEEK_MS = 604_800_000

/** Sets up a site; the fleet is healthy. */
export function createSite(options: Partial<CloudOptions> = {}): Site {
  const world = createWorld({ seed: 7, bootMs: [20_000, 20_000], demand: () => 2.8 })
  for (const image of ['img-1', 'img-2', 'img-3']) world.images.publish(image, { kind: 'good' })
  world.images.publish('img-sick', { kind: 'never-healthy' })
  const cloud = createCloud(world, {
    fleets: [{ groups: [{ id: 'web', image: 'img-1', size: 3 }] }],
    router: { weights: true },
    ...options,
  })
  world.runUntil(world.now + 300_000)
  let stores = 0
  const newStore = () => memoryStore({ now: () => world.now, id: `store ${++stores}` })
  const shared = newStore()
  let processes = 0
  const settled = <T>(promise: Promise<T>) => drive(world, promise, world.now + WEEK_MS)
  return {
    world,
    cloud,
    settled,
    newStore,
    async refused(promise, code) {
      const error = await settled(
        promise.then(
          () => undefined,
          (reason: unknown) => reason,
        ),
      )
      if (!isRolloutError(error, code)) throw new Error(`expected ${code}, got ${String(error)}`, { cause: error })
      return error
    },
    pass: (ms) => settled(worldClock(world).sleep(ms)),
    process({ name = 'web', groups = clone({ adopt: 'web' }), spec = {}, ...given } = {}) {
      const id = `process ${++processes}`
      const random = world.random(id)
      const imago: Imago = createImago({
        store: given.store ?? shared,
        providers: { cloud: given.provider ?? cloud.provider },
        checks: given.checks ?? {},
        metrics: given.metrics ?? {},
        system: {
          clock: worldClock(world),
          controller: { id, name: id },
          user: 'ada',
          random: () => random.next(),
          isDead: () => false,
          secret: (length) => Uint8Array.from({ length }, () => random.whole(0, 255)),
        },
        lookInterval: 10_000,
      })
      const traffic = cloud.router === undefined ? {} : { traffic: cloud.router }
      return { imago, fleet: imago.fleet(name, { provider: 'cloud', groups, ...traffic, ...spec }) }
    },
  }
}

/** Paths of the problems that an error lists. */
export function pathsOf({ facts }: RolloutError<'spec-invalid'> | RolloutError<'unsupported'>): string[] {
  return facts.problems.map((problem) => problem.path)
}
