import { callFailed, isRolloutError, unlessAbsent } from '../../../src/core/errors.ts'
import { poolIdsOf, poolName, poolsKey } from '../fleet/set.ts'
import type { FoundSets } from '../fleet/sets.ts'
import { MARKS, markValue, tagged } from '../marks.ts'
import type { ResourceGroup } from '../resource-group.ts'
import { BALANCER, listBalancers, readBalancer, type BalancerKind } from './balancer.ts'
import { GATEWAY } from './gateway.ts'
import { readPool, type Pool } from './pools.ts'

interface Asked {
  readonly found: FoundSets
  readonly call: string
  readonly signal: AbortSignal
}

/**
 * The resource id of the pool of a route. One that imago made is called by its name alone, and is beside those that the fleet's sets join;
 * where they join none any more, the tag of what has it tells: of load balancers and of gateways, one of which whoever has none need not be
 * allowed to read.
 *
 * @throws RolloutError `call-failed`, of class `not-found`, or `denied` when nothing that could have it may be read.
 */
export async function poolIdOf(group: ResourceGroup, binding: string, asked: Asked): Promise<string> {
  const { found, call } = asked
  const [beside] = found.sets.flatMap(poolIdsOf)
  const kinds = kindsOf(beside)
  const denied: unknown[] = []
  for (const kind of kinds) {
    const pool = await poolOf(group, kind, beside, binding, asked).catch((error: unknown) => {
      if (!isRolloutError(error, 'call-failed') || error.facts.class !== 'denied') throw error
      denied.push(error)
    })
    if (pool !== undefined) return pool.id
  }
  if (denied.length === kinds.length) throw denied[0]
  throw callFailed('not-found', call, `There is no pool ${binding} in the resource group ${group.name}.`)
}

function kindsOf(pool: string | undefined): readonly BalancerKind[] {
  if (pool === undefined) return [BALANCER, GATEWAY]
  return [poolsKey(pool).startsWith('application') ? GATEWAY : BALANCER]
}

async function poolOf(
  group: ResourceGroup,
  kind: BalancerKind,
  beside: string | undefined,
  binding: string,
  asked: Asked,
): Promise<Pool | undefined> {
  const place = binding.includes('/') ? binding : await placeOf(group, kind, beside, binding, asked)
  return place === undefined ? undefined : await poolAt(group, kind, place, asked.signal).catch(unlessAbsent)
}

/** Where a pool that imago made is. */
async function placeOf(
  group: ResourceGroup,
  kind: BalancerKind,
  beside: string | undefined,
  pool: string,
  { found, signal }: Asked,
): Promise<string | undefined> {
  if (beside !== undefined) return `${poolName(beside).split('/')[0]}/${pool}`
  const made = `${MARKS.made}${pool}`.toLowerCase()
  const all = await listBalancers(group, kind, signal)
  const owner = all.find(({ tags }) => tagged(tags, made) === markValue(found.id))
  return owner === undefined ? undefined : `${owner.name}/${pool}`
}

/** A gateway shows its pools only as parts of itself. */
async function poolAt(group: ResourceGroup, kind: BalancerKind, place: string, signal: AbortSignal): Promise<Pool | undefined> {
  if (kind === BALANCER) return await readPool(group, place, signal)
  const [name = '', pool = ''] = place.split('/')
  const { properties } = await readBalancer(group, kind, name, signal)
  return properties.backendAddressPools.find((one) => one.name.toLowerCase() === pool.toLowerCase())
}
