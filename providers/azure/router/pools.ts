import { callFailed, unlessAbsent } from '../../../src/core/errors.ts'
import { poolIdsOf, poolName } from '../fleet/set.ts'
import type { FoundSets } from '../fleet/sets.ts'
import type { ResourceGroup } from '../resource-group.ts'
import { MARKS, markValue, tagged, type Tags } from '../marks.ts'
import type { ArmBody } from '../sdk/arm.ts'

const VERSION = 'api-version=2026-01-01'

/** A member of a pool that was named in it by itself: one that somebody took out of the traffic stands here. */
export interface PoolAddress extends ArmBody {
  readonly name: string
  readonly properties: ArmBody & {
    /** `Down`: nothing new is sent there, and what is under way goes on. @default 'None' - as its probe says */
    readonly adminState?: string
    readonly networkInterfaceIPConfiguration?: { readonly id: string }
  }
}

/** A pool of a load balancer, whole as it came, so that it can be written back. */
export interface Pool extends ArmBody {
  readonly id: string
  readonly name: string
  readonly etag: string
  readonly properties: ArmBody & {
    readonly provisioningState?: string
    /** Addresses of network interfaces, by resource id. */
    readonly backendIPConfigurations?: readonly { readonly id: string }[]
    readonly loadBalancerBackendAddresses?: readonly PoolAddress[]
  }
}

/** Reads a pool, `web-lb/web`. @throws RolloutError `call-failed`, `not-found` for one that is not there. */
export async function readPool(group: ResourceGroup, binding: string, signal: AbortSignal): Promise<Pool> {
  const target = { name: 'loadBalancerBackendAddressPools.get', signal }
  return (await group.caller.arm(target, { method: 'GET', path: `${placeOf(group, binding)}?${VERSION}` })) as Pool
}

/** Writes a pool whole, if it still is what was read. */
export async function writePool(group: ResourceGroup, pool: Pool, signal: AbortSignal): Promise<void> {
  const { properties, etag, name, id } = pool
  const { provisioningState: _state, backendIPConfigurations: _addresses, loadBalancingRules: _rules, ...settings } = properties
  const target = { name: 'loadBalancerBackendAddressPools.createOrUpdate', signal }
  await group.caller.arm(target, { method: 'PUT', path: `${id}?${VERSION}`, body: { name, properties: settings }, ifMatch: etag })
}

/**
 * The resource id of the pool of a route. One that imago made is called by its name alone, and is beside those that the fleet's sets join;
 * where they join none any more, a load balancer's tag tells.
 *
 * @throws RolloutError `call-failed` of class `not-found`.
 */
export async function poolIdOf(
  group: ResourceGroup,
  binding: string,
  { found, call, signal }: { readonly found: FoundSets; readonly call: string; readonly signal: AbortSignal },
): Promise<string> {
  const beside = () => found.sets.flatMap(poolIdsOf).map((id) => poolName(id).split('/')[0])[0]
  const made = async () => `${beside() ?? (await balancerWith(group, binding, found.id, signal)) ?? ''}/${binding}`
  const pool = await readPool(group, binding.includes('/') ? binding : await made(), signal).catch(unlessAbsent)
  if (pool !== undefined) return pool.id
  throw callFailed('not-found', call, `There is no pool ${binding} in the resource group ${group.name}.`)
}

/** The load balancer whose tag says that a pool was made there for a fleet; `undefined`: there is none. */
async function balancerWith(group: ResourceGroup, pool: string, fleet: string, signal: AbortSignal): Promise<string | undefined> {
  const isMade = ({ tags }: Listed) => tagged(tags, `${MARKS.made}${pool}`.toLowerCase()) === markValue(fleet)
  for (let path = `${balancersOf(group)}?${VERSION}`; ;) {
    const { value = [], nextLink } = await group.caller.arm({ name: 'loadBalancers.list', signal }, { method: 'GET', path })
    const owner = (value as readonly Listed[]).find(isMade)
    if (owner !== undefined || typeof nextLink !== 'string') return owner?.name
    // Wherever an answer leads, the endpoint is asked.
    const { pathname, search } = new URL(nextLink)
    path = pathname + search
  }
}

interface Listed {
  readonly name: string
  readonly tags?: Tags
}

function placeOf(group: ResourceGroup, binding: string): string {
  const [balancer = '', pool = ''] = binding.split('/')
  return `${balancersOf(group)}/${encodeURIComponent(balancer)}/backendAddressPools/${encodeURIComponent(pool)}`
}

function balancersOf({ subscription, name }: ResourceGroup): string {
  return `/subscriptions/${subscription}/resourceGroups/${name}/providers/Microsoft.Network/loadBalancers`
}
