import type { TrafficRouter } from 'imago'
import { frontDoor, trafficManager, type AzureCloud } from 'imago/azure'
import type { CloudOptions, Random, World } from 'imago/testing'
import { leadTo } from '../fleet.ts'
import { ENDPOINTS, POOLS, ROUTERS, type Way } from '../rolling.ts'
import type { Site } from '../site.ts'
import type { Account } from '../wire/account.ts'
import type { ProfileRecord } from '../wire/profile.ts'

/** What leads traffic to the fleet of a run. */
export interface Led {
  readonly way: Way
  /** Whether generations share one pool, in which each gets what its instances are. */
  readonly isCounted: boolean
}

/** Rules give all of the traffic to one pool, those of a load balancer or of a gateway, and endpoints parts of it; by count each pool does. */
export function ledOf({ router }: CloudOptions, world: World): Led {
  const [weights, shares] = router === false ? [false, false] : [router?.weights !== false, router?.shares !== false]
  const endpoint = world.random('endpoint').chance(0.5) ? 'Traffic Manager' : 'Front Door'
  if (weights && shares) return { way: endpoint, isCounted: false }
  if (weights) return { way: world.random('router').chance(0.5) ? 'a gateway' : 'rules', isCounted: false }
  return { way: world.random('pool').chance(0.3) ? endpoint : 'a pool', isCounted: true }
}

/** The pools of a fleet, and of its other slot where that has one of its own. */
export function poolsOf(way: Way): readonly [string, string] {
  const pool = POOLS[way]
  return [pool, isByEndpoints(way) ? ENDPOINTS.green : `${pool}-b`]
}

function isByEndpoints(way: Way): boolean {
  return way === 'Traffic Manager' || way === 'Front Door'
}

/** Has endpoints lead to a fleet, as its owner would. @param isSlotted whether it consists of slots. */
export function lead(site: Site, { way, isCounted }: Led, isSlotted: boolean): void {
  if (!isByEndpoints(way)) return
  const pools = isCounted ? [ENDPOINTS.blue] : Object.values(ENDPOINTS)
  const profile = leadTo(site, way === 'Front Door' ? 'frontDoor' : 'trafficManager', ...pools)
  profile.ttl = site.world.random('ttl').pick(TTLS) ?? profile.ttl
  // Slots that share a pool are behind what cannot weigh.
  if (isCounted && isSlotted) Object.assign(profile, { method: 'Performance', latencyMs: 0 })
}

/** Seconds for which an answer of Traffic Manager is good, as people have it. */
const TTLS = [10, 60, 300]
/** Name servers answer anew within so long, */
const APPLIED_MS = 60_000
/** and Front Door brings a change everywhere. */
const [QUICKEST_MS, SLOWEST_MS] = [60_000, 20 * 60_000]

/** How long writes of endpoints take to be true: whoever has asked a name server before goes by its answer while that is good. */
export function propagationOf(chance: Random): NonNullable<Account['propagation']> {
  return ({ kind, ttl }: ProfileRecord) =>
    kind === 'frontDoor' ? chance.whole(QUICKEST_MS, SLOWEST_MS) : chance.whole(0, APPLIED_MS) + chance.whole(0, ttl * 1_000)
}

/** What sends to the fleet, as a process has it. */
export function routerOf(cloud: AzureCloud, { way, isCounted }: Led): TrafficRouter {
  if (!isCounted || !isByEndpoints(way)) return ROUTERS[way](cloud)
  const { green: _, ...only } = ENDPOINTS
  return way === 'Front Door'
    ? frontDoor(cloud, { profile: 'front', originGroup: 'web', origins: only })
    : trafficManager(cloud, { profile: 'shop', endpoints: only })
}
