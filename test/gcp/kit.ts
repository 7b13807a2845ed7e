import { clone, createImago, type Fleet, type Placement } from 'imago'
import { gcp } from 'imago/gcp'
import { memoryStore } from 'imago/stores/memory'
import { worldSystem } from 'imago/testing'
import { ZONE } from './fleet.ts'
import type { Site } from './site.ts'

/** How a fleet is declared, and what it is judged by. */
export interface Declared {
  readonly location?: string
  readonly groups?: Placement
}

/** A fleet of a site, as a program declares it. */
export function fleetOf(site: Site, { location = ZONE, groups = clone({ adopt: 'web' }) }: Declared = {}): Fleet {
  return planner(site, location).fleet('web', { provider: 'gcp', groups })
}

/** A process that plans: its journal is new. */
export function planner(site: Site, location = ZONE) {
  return createImago({
    store: storeOf(site),
    providers: { gcp: gcp(site.accessTo(location)) },
    system: worldSystem(site.world, 'planner', { user: 'ada' }),
  })
}

const stores = new WeakMap<Site, ReturnType<typeof memoryStore>>()

/** The one store of a site. */
export function storeOf(site: Site) {
  const known = stores.get(site) ?? memoryStore({ now: () => site.world.now, id: 'store' })
  stores.set(site, known)
  return known
}
