import type { CallContext, FleetTarget } from '../../src/core/ports.ts'
import type { GroupView, ProviderLook, Release } from '../../src/core/snapshot.ts'
import { createCloud, type Cloud, type CloudOptions } from '../../src/testing/cloud/index.ts'
import { createWorld, drive, type World, type WorldOptions } from '../../src/testing/world/index.ts'

/** A fleet `web` of three, its cloud and its world, with short names for what tests do. */
export interface Bench {
  readonly world: World
  readonly cloud: Cloud
  readonly target: FleetTarget
  context(token?: string): CallContext
  /** Waits for a promise while the world goes on. */
  go<T>(promise: Promise<T>): Promise<T>
  /** Lets time pass. */
  pass(ms: number): void
  look(): Promise<ProviderLook>
  group(id: string): Promise<GroupView | undefined>
  weights(): Promise<Record<string, number>>
  release(image: string): Promise<Release>
  /** Creates a group beside `web`, joined to a route of its own. */
  createCandidate(size?: number, image?: string): Promise<void>
  /** How a call fails: its class, or `accepted`. */
  fate(promise: Promise<unknown>): Promise<string>
}

export const inPlace: FleetTarget = { name: 'web', placement: { kind: 'in-place', group: 'web' }, handles: [] }
const clone: FleetTarget = { name: 'web', placement: { kind: 'clone', adopt: 'web' }, handles: [] }

/** Machines boot within ten virtual seconds; the fleet is up when this returns. */
export function bench(options: Partial<CloudOptions> = {}, more: Partial<WorldOptions> = {}, target = clone): Bench {
  const world = createWorld({ seed: 1, bootMs: [5_000, 10_000], ...more })
  world.images.publish('img-1', { kind: 'good' })
  world.images.publish('img-2', { kind: 'good' })
  const cloud = createCloud(world, {
    fleets: [{ groups: [{ id: 'web', image: 'img-1', size: 3, min: 2, max: 20 }] }],
    ...options,
  })
  world.runUntil(world.now + 10_000)
  const context = (token = 't1') => {
    const letGo = new AbortController()
    world.schedule(world.now + 30_000, () => letGo.abort())
    return { signal: letGo.signal, token }
  }
  const go = <T>(promise: Promise<T>) => drive(world, promise, world.now + 3_600_000)
  const look = () => go(cloud.provider.describe(target, context()))
  const release = async (image: string) => {
    const base = Object.values((await look()).releases)[0]!
    return (await go(cloud.provider.resolve(target, { image, base }, context()))).release
  }
  return {
    world,
    cloud,
    target,
    context,
    go,
    look,
    release,
    pass: (ms) => world.runUntil(world.now + ms),
    group: async (id) => (await look()).groups.find((one) => one.id === id),
    async weights() {
      const { routing } = await go(cloud.router!.look(target, context()))
      return Object.fromEntries(routing.routes.map((route) => [route.binding, route.weight]))
    },
    async createCandidate(size = 3, image = 'img-2') {
      const request = { group: 'web-v001', release: await release(image), sealed: null, like: 'web', size, rolloutId: 'r1' }
      await go(cloud.router!.prepare(target, 'web-v001', context()))
      // A route that has not landed yet cannot be joined.
      world.runUntil(world.now + (options.settleMs ?? 0) / 2)
      await go(cloud.provider.ensureGroup(target, { ...request, binding: 'web-v001' }, context()))
    },
    async fate(promise) {
      return await go(
        promise.then(
          () => 'accepted',
          (error: { facts?: { class?: string } }) => error.facts?.class ?? 'thrown',
        ),
      )
    },
  }
}

const BEGIN_MS = 60_000

/** A cloud in which one fault happens at every occasion, from a minute on: `begin` goes there. */
export function faulty(
  fault: number,
  options: Partial<CloudOptions> = {},
  more: Parameters<typeof bench>[1] = {},
  target?: typeof inPlace,
) {
  const faults = { kinds: [fault], rates: { [fault]: 1 }, afterMs: BEGIN_MS, everyMs: 60_000 }
  const made = bench({ ...options, faults }, more, target)
  return {
    ...made,
    begin: () => made.pass(BEGIN_MS - 10_000),
    times: () => made.cloud.faults.drawn[fault] ?? 0,
    resize: (size: number) => made.cloud.provider.resize(made.target, 'web', { 'img-1': size }, undefined, made.context()),
    size: () => made.cloud.truth.groups.get('web')?.sizes['img-1'],
  }
}
