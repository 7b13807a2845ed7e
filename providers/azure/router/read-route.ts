import { callFailed } from '../../../src/core/errors.ts'
import type { FleetTarget } from '../../../src/core/ports.ts'
import type { Member } from '../fleet/member.ts'
import { readMembers } from '../fleet/members.ts'
import { nameOf, poolIdsOf, type ScaleSet } from '../fleet/set.ts'
import { findSets } from '../fleet/sets.ts'
import type { ResourceGroup } from '../resource-group.ts'
import { readPool, type Pool, type PoolAddress } from './pools.ts'

/** A set of the fleet, and what of it is in the pool. */
export interface RoutedSet {
  readonly set: ScaleSet
  readonly members: readonly RoutedMember[]
  /** Whether machines that it launches join the pool as they start. */
  readonly isJoined: boolean
}

/** An instance, as far as the pool is concerned. */
export interface RoutedMember {
  readonly member: Member
  /** Resource ids of its addresses in the pool. Empty: it is not in it. */
  readonly addresses: readonly string[]
  /** Nothing new is sent to it. */
  readonly isDown: boolean
}

/** The one route of a fleet: a pool that all of its sets may share. */
export interface Route {
  readonly binding: string
  readonly pool: Pool
  readonly sets: readonly RoutedSet[]
}

/** Reads a route: the pool, the fleet's sets, and the instances of each. */
export async function readRoute(group: ResourceGroup, binding: string, target: FleetTarget, signal: AbortSignal): Promise<Route> {
  const [pool, sets] = await Promise.all([
    readPool(group, binding, signal),
    findSets(group, target, signal).then((found) => withMembers(group, found.sets, signal)),
  ])
  return routeOver(binding, pool, sets)
}

/** A set with its instances. */
export interface PeopledSet {
  readonly set: ScaleSet
  readonly members: readonly Member[]
}

/** Reads the instances of sets. */
export async function withMembers(
  group: ResourceGroup,
  sets: readonly ScaleSet[],
  signal: AbortSignal,
): Promise<readonly PeopledSet[]> {
  return await Promise.all(sets.map(async (set) => ({ set, members: await readMembers(group, set, signal) })))
}

/** What of these sets is in a pool. */
export function routeOver(binding: string, pool: Pool, sets: readonly PeopledSet[]): Route {
  const addresses = addressesIn(pool)
  return {
    binding,
    pool,
    sets: sets.map(({ set, members }) => ({
      set,
      members: members.map((member) => routedMember(member, addresses)),
      isJoined: poolIdsOf(set).some((id) => id.toLowerCase() === pool.id.toLowerCase()),
    })),
  }
}

/** A set of the fleet. @throws RolloutError `call-failed` of class `not-found`. */
export function routedSet({ sets }: Route, id: string, call: string): RoutedSet {
  const found = sets.find((one) => nameOf(one.set) === id)
  if (found !== undefined) return found
  throw callFailed(
    'not-found',
    call,
    `The fleet has no scale set ${id}; there are: ${sets.map((one) => nameOf(one.set)).join(', ')}.`,
  )
}

/** The address that an entry of a pool stands for, in lower case: Azure writes ids as it likes. */
export function addressOf({ properties }: PoolAddress): string {
  return properties.networkInterfaceIPConfiguration?.id.toLowerCase() ?? ''
}

function isDown({ properties }: PoolAddress): boolean {
  return properties.adminState === 'Down'
}

/** All addresses in a pool, and whether each is down: those that interfaces bring, and those that are named by themselves. */
function addressesIn({ properties }: Pool): ReadonlyMap<string, boolean> {
  const brought = (properties.backendIPConfigurations ?? []).map(({ id }) => [id.toLowerCase(), false] as const)
  const named = (properties.loadBalancerBackendAddresses ?? []).map((one) => [addressOf(one), isDown(one)] as const)
  return new Map([...brought, ...named])
}

function routedMember(member: Member, all: ReadonlyMap<string, boolean>): RoutedMember {
  const addresses = [...all.keys()].filter((id) => member.interfaces.some((one) => id.startsWith(`${one}/`)))
  return { member, addresses, isDown: addresses.length > 0 && addresses.every((id) => all.get(id) === true) }
}
