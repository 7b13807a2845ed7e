import { createImago, type Imago } from '../../src/engine/imago.ts'
import type { FleetSpec } from '../../src/core/fleet-spec.ts'
import type { RolloutStore } from '../../src/core/ports.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { createCloud, type Cloud, type CloudOptions } from '../../src/testing/cloud/index.ts'
import { createWorld, drive, worldClock, type ImageBehaviour, type World } from '../../src/testing/world/index.ts'

/** What a bench's fleet is like; with the defaults the cloud is perfect. */
export interface SimulatedOptions {
  readonly size: number
  readonly seed: number
  readonly groups: FleetSpec['groups']
  /** What the new image does. @default it is good */
  readonly behaviour?: ImageBehaviour
  /** Shortest and longest time that machines boot. @default [20000, 60000] */
  readonly bootMs?: readonly [number, number]
  readonly cloud?: Omit<CloudOptions, 'fleets'>
  /** How often the fleet is looked at, ms. @default 10000 */
  readonly lookIntervalMs?: number
  /** @default - in memory, on the world's clock */
  readonly store?: RolloutStore
}

/** A fleet on a simulated cloud, and the real engine over it. */
export interface Simulated {
  readonly world: World
  readonly cloud: Cloud
  readonly imago: Imago
  readonly fleet: ReturnType<Imago['fleet']>
  /** Lets the world go on until a promise has settled. */
  until<T>(promise: Promise<T>): Promise<T>
}

/** Images of every simulated fleet: what it runs, and what it shall run. */
export const [OLD, NEW] = ['img-1', 'img-2'] as const

/** Sets up a fleet, and lets it come up. */
export function simulated(options: SimulatedOptions): Simulated {
  const { size, seed, groups, behaviour = { kind: 'good' }, bootMs = [20_000, 60_000], lookIntervalMs = 10_000 } = options
  const world = createWorld({ seed, bootMs, demand: () => size * 0.95 })
  world.images.publish(OLD, { kind: 'good' })
  world.images.publish(NEW, behaviour)
  const cloud = createCloud(world, { ...options.cloud, fleets: [{ groups: [{ id: 'web', image: OLD, size }] }] })
  world.runUntil(world.now + 2 * bootMs[1])
  const imago = createImago({
    store: options.store ?? memoryStore({ now: () => world.now }),
    providers: { cloud: cloud.provider },
    metrics: { world: cloud.metrics },
    checks: cloud.checks,
    lookInterval: lookIntervalMs,
    system: {
      clock: worldClock(world),
      controller: { id: 'bench', name: 'bench' },
      user: 'bench',
      random: () => 0.5,
      isDead: () => false,
      secret: (length) => new Uint8Array(length),
    },
  })
  const traffic = cloud.router === undefined ? {} : { traffic: cloud.router }
  return { world, cloud, imago, fleet: imago.fleet('web', { provider: 'cloud', groups, ...traffic }), until: (it) => drive(world, it) }
}
