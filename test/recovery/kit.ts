import { createImago, type Imago } from 'imago'
import { memoryStore } from 'imago/stores/memory'
import { createCloud, createWorld, drive, worldClock, type Cloud, type World } from 'imago/testing'

/** Ways in which a fleet of three is grouped and routed. */
export const FLEETS = {
  'clone, by weights': { groups: { kind: 'clone', adopt: 'web' }, weights: true },
  'clone, by count': { groups: { kind: 'clone', adopt: 'web' }, weights: false },
  'in place': { groups: { kind: 'in-place', group: 'web' }, weights: false },
} as const

/** Name of a way in {@link FLEETS}. */
export type Kind = keyof typeof FLEETS

/** A simulated cloud with one fleet, and processes that share a store until it is lost. */
export interface Site {
  readonly world: World
  readonly cloud: Cloud
  process(): { readonly imago: Imago; readonly fleet: ReturnType<Imago['fleet']> }
  loseStore(): void
  /** Passes simulated time until the promise has settled. */
  settled<T>(promise: Promise<T>): Promise<T>
  pass(ms: number): Promise<void>
}

const DAY_MS = 86_400_000

/** Sets up a site; the fleet is healthy. */
export function createSite(kind: Kind, autoscaled = false): Site {
  const { groups, weights } = FLEETS[kind]
  const world = createWorld({ seed: 7, bootMs: [20_000, 20_000], demand: () => 2.8 })
  world.images.publish('img-1', { kind: 'good' })
  world.images.publish('img-2', { kind: 'good' })
  const cloud = createCloud(world, {
    fleets: [{ groups: [{ id: 'web', image: 'img-1', size: 3 }] }],
    router: { weights },
    readyDeadlineMs: 3_600_000,
    ...(autoscaled ? { autoscaler: { periodMs: 60_000, recommends: false } } : {}),
  })
  world.runUntil(world.now + 300_000)
  const newStore = () => memoryStore({ now: () => world.now, id: `store ${++stores}` })
  let stores = 0
  let store = newStore()
  let processes = 0
  const settled = <T>(promise: Promise<T>) => drive(world, promise, world.now + DAY_MS)
  return {
    world,
    cloud,
    settled,
    pass: (ms) => settled(worldClock(world).sleep(ms)),
    loseStore: () => void (store = newStore()),
    process() {
      const name = `process ${++processes}`
      const random = world.random(name)
      const imago = createImago({
        store,
        providers: { cloud: cloud.provider },
        system: {
          clock: worldClock(world),
          controller: { id: name, name },
          user: 'ada',
          random: () => random.next(),
          isDead: () => false,
          secret: (length) => Uint8Array.from({ length }, () => random.whole(0, 255)),
        },
        lookInterval: 10_000,
      })
      const traffic = cloud.router === undefined ? {} : { traffic: cloud.router }
      return { imago, fleet: imago.fleet('web', { provider: 'cloud', groups, ...traffic }) }
    },
  }
}

/** What is left in the cloud, a line a thing. */
export function left({ truth }: Cloud): string[] {
  const lines: string[] = []
  for (const group of truth.groups.values())
    if (!group.retiring)
      lines.push(`${group.id} ${JSON.stringify(group.sizes)}, minimum ${group.min}, ${group.holds.length} marks`)
  for (const fleet of truth.fleets.values())
    for (const route of fleet.routes.values()) lines.push(`${route.binding} ${route.weight}`)
  return lines
}
