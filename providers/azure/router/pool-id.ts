import { callFailed, unlessAbsent } from '../../../src/core/errors.ts'
import { poolIdsOf, poolName, poolsKey, type ScaleSet } from '../fleet/set.ts'
import type { ResourceGroup } from '../resource-group.ts'
import { readBalancer } from './balancer.ts'
import { GATEWAY } from './gateway.ts'
import { readPool, type Pool } from './pools.ts'

/**
 * The resource id of the pool of a route. One that imago made is called by its name alone, and is beside those that the fleet's sets join.
 *
 * @throws RolloutError `call-failed` of class `not-found`.
 */
export async function poolIdOf(
  group: ResourceGroup,
  binding: string,
  { sets, call, signal }: { readonly sets: readonly ScaleSet[]; readonly call: string; readonly signal: AbortSignal },
): Promise<string> {
  const [beside] = sets.flatMap(poolIdsOf)
  const isProxied = beside !== undefined && poolsKey(beside).startsWith('application')
  const there = binding.includes('/') ? binding : `${poolName(beside ?? '').split('/')[0]}/${binding}`
  const found = isProxied ? poolOfGateway(group, there, signal) : readPool(group, there, signal)
  const pool = await found.catch(unlessAbsent)
  if (pool !== undefined) return pool.id
  throw callFailed('not-found', call, `There is no pool ${binding} in the resource group ${group.name}.`)
}

/** A gateway shows its pools only as parts of itself. */
async function poolOfGateway(group: ResourceGroup, there: string, signal: AbortSignal): Promise<Pool | undefined> {
  const [name = '', pool = ''] = there.split('/')
  const { properties } = await readBalancer(group, GATEWAY, name, signal)
  return properties.backendAddressPools.find((one) => one.name.toLowerCase() === pool.toLowerCase())
}
