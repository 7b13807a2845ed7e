import { callFailed } from '../../../src/core/errors.ts'
import type { FleetTarget } from '../../../src/core/ports.ts'
import { findSets } from '../fleet/sets.ts'
import { MARKS, markValue, tagged } from '../marks.ts'
import type { ResourceGroup } from '../resource-group.ts'
import { poolsOfRules, readBalancer, type Balancer, type BalancerKind } from './balancer.ts'
import { routeOver, withMembers, type PeopledSet, type Route } from './read-route.ts'

/** All of the traffic. Parts of it are refused, though: were this 1, a share of 5 % would be rounded up to all. */
export const UNITS = 100

/** A pool that the rules may send to. */
export interface SwapRoute extends Route {
  readonly weight: number
  /** Whether imago made its pool, and takes it away again. */
  readonly isMade: boolean
}

/** The routes of a fleet at a load balancer or a gateway, one of which has all of the traffic. */
export interface Swap {
  readonly fleet: string
  readonly ways: SwapWays
  readonly balancer: Balancer
  readonly routes: readonly SwapRoute[]
  readonly sets: readonly PeopledSet[]
}

/** Which rules, and of what. */
export interface SwapWays {
  readonly kind: BalancerKind
  readonly name: string
  readonly rules: readonly string[]
}

/**
 * Reads the routes: the pools that the rules send to, those that the fleet's sets join, and those that were made for it.
 *
 * @throws RolloutError `call-failed`.
 */
export async function readSwap(
  group: ResourceGroup,
  ways: SwapWays,
  target: FleetTarget,
  call: string,
  signal: AbortSignal,
): Promise<Swap> {
  const [balancer, { id, sets }] = await Promise.all([
    readBalancer(group, ways.kind, ways.name, signal),
    findSets(group, target, signal).then(async (found) => ({ ...found, sets: await withMembers(group, found.sets, signal) })),
  ])
  const pointedAt = new Set(poolsOfRules(ways.kind, balancer, ways.rules, call))
  const routes = balancer.properties.backendAddressPools.flatMap((pool): SwapRoute[] => {
    const owner = tagged(balancer.tags, noteOf(pool.name).toLowerCase())
    const isMade = owner === markValue(id)
    const route = routeOver(owner === undefined ? `${balancer.name}/${pool.name}` : pool.name, pool, sets)
    const weight = pointedAt.has(pool.id.toLowerCase()) ? UNITS : 0
    const isOurs = weight > 0 || isMade || route.sets.some((one) => one.isJoined)
    return isOurs ? [{ ...route, weight, isMade }] : []
  })
  return { fleet: id, ways, balancer, routes, sets }
}

/** The tag that says whose a pool is which was made. */
export function noteOf(pool: string): string {
  return MARKS.made + pool
}

/** A route by its name. */
export function routeIn({ routes }: Swap, binding: string): SwapRoute | undefined {
  return routes.find((one) => one.binding.toLowerCase() === binding.toLowerCase())
}

/** The same. @throws RolloutError `call-failed` of class `not-found`. */
export function routeThere(swap: Swap, binding: string, call: string): SwapRoute {
  const route = routeIn(swap, binding)
  if (route !== undefined) return route
  const there = swap.routes.map((one) => one.binding).join(', ')
  throw callFailed(
    'not-found',
    call,
    `The ${swap.ways.kind.words} ${swap.ways.name} has no pool ${binding} of this fleet; it has: ${there}.`,
  )
}
