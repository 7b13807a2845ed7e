import { callFailed } from '../../../src/core/errors.ts'
import type { FleetTarget } from '../../../src/core/ports.ts'
import type { Can } from '../../../src/core/snapshot.ts'
import { findSets } from '../fleet/sets.ts'
import type { ResourceGroup } from '../resource-group.ts'
import { readPool } from './pools.ts'
import { routeOver, withMembers, type Route } from './read-route.ts'

/** All of the traffic. An endpoint has a weight from 1 to 1,000, and none at all only while it is disabled. */
export const UNITS = 1_000

/** Where a profile sends to. */
export interface Endpoint {
  /** Its resource id. */
  readonly id: string
  readonly name: string
  /** From 1, beside those of the others. */
  readonly weight: number
  readonly isEnabled: boolean
  /** Why nothing is sent there although it is enabled, in Azure's words. @default - something is */
  readonly ill?: string
}

/** A profile that sends to endpoints by weights, as it was read. */
export interface Weighing {
  /** What people call it: `the Traffic Manager profile shop`. */
  readonly words: string
  readonly endpoints: readonly Endpoint[]
  /** Whether it goes by weights. */
  readonly weights: Can
  /** How long a change takes to be true for whoever asks. */
  readonly propagationMs: number
}

/** What sends to endpoints by weights: Traffic Manager, Front Door. */
export interface Weigher {
  readonly kind: string
  /** What people call it. */
  readonly words: string
  /** By the name of an endpoint the pool that it leads to, `web-lb/web`. */
  readonly pools: Readonly<Record<string, string>>
  read(group: ResourceGroup, signal: AbortSignal): Promise<Weighing>
  /** Writes the weight of one endpoint, and nothing else of it; with 0 it is disabled and keeps its weight. */
  write(group: ResourceGroup, endpoint: Endpoint, weight: number, signal: AbortSignal): Promise<void>
}

/** An endpoint, and the pool that it leads to. */
export interface EndpointRoute extends Route {
  readonly endpoint: Endpoint
  /** In units. */
  readonly weight: number
}

/** The routes of a fleet: the endpoints that lead to it. */
export interface Endpoints {
  readonly weighing: Weighing
  readonly routes: readonly EndpointRoute[]
  /** Names of enabled endpoints that are no routes. */
  readonly foreign: readonly string[]
}

/** Reads the endpoints, their pools, and who is in these. @throws RolloutError `call-failed`. */
export async function readEndpoints(
  group: ResourceGroup,
  weigher: Weigher,
  target: FleetTarget,
  call: string,
  signal: AbortSignal,
): Promise<Endpoints> {
  const named = Object.entries(weigher.pools)
  // All at once: the provider asks for the same instances at this moment.
  const [weighing, pools, peopled] = await Promise.all([
    weigher.read(group, signal),
    Promise.all(named.map(([, pool]) => readPool(group, pool, signal))),
    findSets(group, target, signal).then(({ sets }) => withMembers(group, sets, signal)),
  ])
  const own = named.map(([name]) => endpointIn(weighing, name, call))
  const shares = sharesOf(own)
  return {
    weighing,
    routes: named.flatMap(([, binding], index) => {
      const [pool, endpoint] = [pools[index], own[index]]
      if (pool === undefined || endpoint === undefined) return []
      return { ...routeOver(binding, pool, peopled), endpoint, weight: shares[index] ?? 0 }
    }),
    foreign: weighing.endpoints.filter((one) => one.isEnabled && !own.includes(one)).map((one) => one.name),
  }
}

function endpointIn({ words, endpoints }: Weighing, name: string, call: string): Endpoint {
  const found = endpoints.find((one) => one.name.toLowerCase() === name.toLowerCase())
  if (found !== undefined) return found
  const there = endpoints.map((one) => one.name).join(', ') || 'none'
  throw callFailed('not-found', call, `${words} has no endpoint ${name}; there are: ${there}.`)
}

/** Weights are relative to each other. Whoever has one has one unit at least, and what is left of rounding is the largest's. */
function sharesOf(endpoints: readonly Endpoint[]): number[] {
  const weights = endpoints.map((one) => (one.isEnabled ? one.weight : 0))
  const all = sum(weights)
  const shares = weights.map((one) => (one === 0 ? 0 : Math.max(1, Math.floor((one * UNITS) / all))))
  const largest = shares.indexOf(Math.max(...shares))
  return all === 0 ? shares : shares.map((one, index) => (index === largest ? one + UNITS - sum(shares) : one))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
