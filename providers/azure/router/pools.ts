import type { ResourceGroup } from '../resource-group.ts'
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

function placeOf({ subscription, name }: ResourceGroup, binding: string): string {
  const [balancer = '', pool = ''] = binding.split('/')
  const network = `/subscriptions/${subscription}/resourceGroups/${name}/providers/Microsoft.Network`
  return `${network}/loadBalancers/${encodeURIComponent(balancer)}/backendAddressPools/${encodeURIComponent(pool)}`
}
