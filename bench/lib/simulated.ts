import { createImago, type Imago } from '../../src/engine/imago.ts'
import type { FleetSpec } from '../../src/core/fleet-spec.ts'
import type { RolloutStore } from '../../src/core/ports.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { createCloud, type Cloud, type CloudOptions } from '../../src/testing/cloud/index.ts'
import { worldSystem } from '../../src/testing/system.ts'
import { createWorld, drive, type ImageBehaviour, type World } from '../../src/testing/world/index.ts'

/** What a bench's fleets are like; with the defaults the cloud is perfect. */
export interface SimulatedOptions {
  readonly size: number
  readonly seed: number
  /** Where the generations of a fleet live, by the group that it has. */
  readonly groups: (group: string) => FleetSpec['groups']
  /** How many there are. @default 1 */
  readonly fleets?: number
  /** What the new image does. @default it is good */
  readonly behaviour?: ImageBehaviour
  /** Shortest and longest time that machines boot. @default [20000, 60000] */
  readonly bootMs?: readonly [number, number]
  readonly cloud?: Omit<CloudOptions, 'fleets'>
  /** How often a fleet is looked at, ms. @default 10000 */
  readonly lookIntervalMs?: number
  /** A store on the world's clock. @default - in memory */
  readonly store?: (now: () => number) => RolloutStore
}

/** Fleets on a simulated cloud, and the real engine over them. */
export interface Simulated {
  readonly world: World
  readonly cloud: Cloud
  readonly imago: Imago
  readonly fleets: readonly Fleet[]
  /** The first one. */
  readonly fleet: Fleet
  /** Lets the world go on until a promise has settled. */
  until<T>(promise: Promise<T>): Promise<T>
}

type Fleet = ReturnType<Imago['fleet']>

/** Images of every simulated fleet: what it runs, and what it shall run. */
export const [OLD, NEW] = ['img-1', 'img-2'] as const

/** Sets up fleets, and lets them come up. */
export function simulated(options: SimulatedOptions): Simulated {
  const { size, seed, behaviour = { kind: 'good' }, bootMs = [20_000, 60_000], lookIntervalMs = 10_000 } = options
  const names = Array.from({ length: options.fleets ?? 1 }, (_, index) => (index === 0 ? 'web' : `web-${index}`))
  const world = createWorld({ seed, bootMs, demand: () => size * 0.95 })
  world.images.publish(OLD, { kind: 'good' })
  world.images.publish(NEW, behaviour)
  const fleets = names.map((id) => ({ groups: [{ id, image: OLD, size }] }))
  const cloud = createCloud(world, { ...options.cloud, fleets })
  world.runUntil(world.now + 2 * bootMs[1])
  const now = () => world.now
  const imago = createImago({
    store: options.store?.(now) ?? memoryStore({ now }),
    providers: { cloud: cloud.provider },
    metrics: { world: cloud.metrics },
    checks: cloud.checks,
    lookInterval: lookIntervalMs,
    system: worldSystem(world, 'bench'),
  })
  const traffic = cloud.router === undefined ? {} : { traffic: cloud.router }
  const declared = names.map((name) => imago.fleet(name, { provider: 'cloud', groups: options.groups(name), ...traffic }))
  const [fleet] = declared
  if (fleet === undefined) throw new Error('There must be a fleet.')
  return { world, cloud, imago, fleets: declared, fleet, until: (it) => drive(world, it) }
}
