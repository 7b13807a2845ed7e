import {
  createImago,
  type Check,
  type FleetSpec,
  type Imago,
  type MetricSource,
  type Plan,
  type Rollout,
  type RolloutEvent,
  type RolloutStore,
  type RolloutSpec,
} from 'imago'
import { memoryStore } from 'imago/stores/memory'
import { createCloud, createWorld, drive, worldClock, type Cloud, type CloudOptions, type World } from 'imago/testing'

const DAY_MS = 86_400_000

/** What a test changes of a site. */
export interface SiteOptions {
  /** Instances of the fleet. @default 3 */
  readonly size?: number
  /** What the new image is like. @default { kind: 'good' } */
  readonly image?: Parameters<World['images']['publish']>[1]
  readonly cloud?: Partial<CloudOptions>
}

/** What a test changes of a process. */
export interface ProcessOptions {
  readonly provider?: Partial<Cloud['provider']>
  readonly router?: Partial<NonNullable<Cloud['router']>>
  readonly checks?: Readonly<Record<string, Check>>
  readonly metrics?: Readonly<Record<string, MetricSource>>
  readonly store?: RolloutStore
  /** @default '10s' */
  readonly lookInterval?: number
  /** Of the fleet `web`. @default - cloned from its one group */
  readonly spec?: object
}

/** A fleet as tests use it: strategies and checks are not followed by type here. */
export interface TestFleet {
  plan(spec: RolloutSpec): Promise<Plan>
  start(plan: Plan | string): Promise<Rollout>
  drift(): ReturnType<ReturnType<Imago['fleet']>['drift']>
}

/** A process of a site. */
export interface Process {
  readonly imago: Imago
  readonly fleet: TestFleet
}

/** A simulated cloud with the fleet `web`, and processes that share a store. */
export interface Site {
  readonly world: World
  readonly cloud: Cloud
  readonly store: RolloutStore
  process(options?: ProcessOptions): Process
  /** Passes simulated time until the promise has settled. */
  settled<T>(promise: Promise<T>): Promise<T>
  pass(ms: number): Promise<void>
  /** Plans and starts a rollout of the new image. */
  started(fleet: TestFleet, strategy: RolloutSpec['strategy'], image?: string): Promise<Rollout>
  /** Turns, ten seconds apart. */
  turns(rollout: Rollout, count: number): Promise<void>
  /** Turns until the journal has such an event; it fails after 400. */
  until(rollout: Rollout, found: (event: RolloutEvent) => boolean): Promise<RolloutEvent>
  events(rollout: Rollout): Promise<RolloutEvent[]>
  /** The code and the message of a refusal. */
  refusal(promise: Promise<unknown>): Promise<{ readonly code: string; readonly message: string; readonly facts: unknown }>
}

/** Sets up a site; the fleet is healthy. */
export function createSite({ size = 3, image = { kind: 'good' }, cloud: options = {} }: SiteOptions = {}): Site {
  const world = createWorld({ seed: 7, bootMs: [20_000, 20_000], demand: () => size * 0.9 })
  world.images.publish('img-1', { kind: 'good' })
  world.images.publish('img-2', image)
  world.images.publish('img-3', { kind: 'good' })
  const cloud = createCloud(world, { fleets: [{ groups: [{ id: 'web', image: 'img-1', size }] }], ...options })
  world.runUntil(world.now + 300_000)
  const store = memoryStore({ now: () => world.now, id: 'store' })
  const settled = <T>(promise: Promise<T>) => drive(world, promise, world.now + 3 * DAY_MS)
  const pass = (ms: number) => drive(world, worldClock(world).sleep(ms), world.now + 30 * DAY_MS)
  let processes = 0
  const site: Site = {
    world,
    cloud,
    store,
    settled,
    pass,
    process: (given = {}) => createProcess(site, `process ${++processes}`, given),
    started: (fleet, strategy, name = 'img-2') =>
      settled(fleet.plan({ image: name, strategy }).then((plan) => fleet.start(plan))),
    async turns(rollout, count) {
      for (let turn = 0; turn < count; turn++) {
        await settled(rollout.tick())
        await pass(10_000)
      }
    },
    async until(rollout, found) {
      for (let turn = 0; turn < 400; turn++) {
        await settled(rollout.tick())
        const event = (await site.events(rollout)).find(found)
        if (event !== undefined) return event
        await pass(10_000)
      }
      throw new Error('no such event in 400 turns')
    },
    async events(rollout) {
      const entries = (await settled(store.read(`fleet/${rollout.fleet}`, 1))) as unknown as { event: RolloutEvent }[]
      return entries.map((entry) => entry.event).filter((event) => event.rolloutId === rollout.id)
    },
    refusal: (promise) =>
      settled(
        promise.then(
          () => ({ code: 'none', message: 'it was not refused', facts: {} }),
          (error: unknown) => error as { code: string; message: string; facts: unknown },
        ),
      ),
  }
  return site
}

function createProcess({ world, cloud, store }: Site, name: string, options: ProcessOptions): Process {
  const random = world.random(name)
  const imago = createImago({
    store: options.store ?? store,
    providers: { cloud: { ...cloud.provider, ...options.provider } },
    checks: options.checks ?? {},
    metrics: options.metrics ?? {},
    system: {
      clock: worldClock(world),
      controller: { id: name, name },
      user: 'ada',
      random: () => random.next(),
      isDead: () => false,
      secret: (length) => Uint8Array.from({ length }, () => random.whole(0, 255)),
    },
    lookInterval: options.lookInterval ?? 10_000,
  })
  const traffic = cloud.router === undefined ? {} : { traffic: { ...cloud.router, ...options.router } }
  const given = { provider: 'cloud', groups: { kind: 'clone', adopt: 'web' }, ...traffic, ...options.spec }
  const spec = given as unknown as FleetSpec<'cloud', never>
  return { imago, fleet: imago.fleet('web', spec) }
}

/** A metric source that answers with these numbers at once. */
export function metric(read: MetricSource['read']): MetricSource {
  return { contract: 1, kind: 'test', read }
}

/** Events of one type. */
export function ofType<T extends RolloutEvent['type']>(
  events: readonly RolloutEvent[],
  type: T,
): Extract<RolloutEvent, { type: T }>[] {
  return events.filter((event) => event.type === type) as Extract<RolloutEvent, { type: T }>[]
}
