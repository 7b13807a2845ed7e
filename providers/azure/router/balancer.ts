import { callFailed } from '../../../src/core/errors.ts'
import type { ResourceGroup } from '../resource-group.ts'
import type { Tags } from '../marks.ts'
import type { ArmBody } from '../sdk/arm.ts'
import type { Pool } from './pools.ts'

const VERSION = 'api-version=2026-01-01'

/** A rule of a load balancer: what comes in at an address of its goes to a pool. */
export interface Rule extends ArmBody {
  readonly name: string
  readonly properties: ArmBody & {
    readonly backendAddressPool?: { readonly id: string }
    readonly backendAddressPools?: readonly { readonly id: string }[]
  }
}

/** A load balancer, whole as it came, so that it can be written back: all of it is one document with one entity tag. */
export interface Balancer extends ArmBody {
  readonly id: string
  readonly name: string
  readonly etag: string
  readonly tags?: Tags
  readonly properties: ArmBody & { readonly backendAddressPools: readonly Pool[]; readonly loadBalancingRules: readonly Rule[] }
}

/** Reads a load balancer. @throws RolloutError `call-failed`, `not-found` for one that is not there. */
export async function readBalancer(
  { caller, subscription, name }: ResourceGroup,
  balancer: string,
  signal: AbortSignal,
): Promise<Balancer> {
  const place = `/subscriptions/${subscription}/resourceGroups/${name}/providers/Microsoft.Network/loadBalancers`
  const path = `${place}/${encodeURIComponent(balancer)}?${VERSION}`
  return (await caller.arm({ name: 'loadBalancers.get', signal }, { method: 'GET', path })) as Balancer
}

/** Writes a load balancer whole, if it still is what was read. */
export async function writeBalancer(group: ResourceGroup, balancer: Balancer, signal: AbortSignal): Promise<void> {
  const { etag, ...body } = balancer
  const target = { name: 'loadBalancers.createOrUpdate', signal }
  await group.caller.arm(target, { method: 'PUT', path: `${balancer.id}?${VERSION}`, body, ifMatch: etag })
}

/** The rules of these names. @throws RolloutError `call-failed` of class `not-found`. */
export function rulesIn({ name, properties }: Balancer, wanted: readonly string[], call: string): readonly Rule[] {
  return wanted.map((one) => {
    const rule = properties.loadBalancingRules.find((known) => known.name.toLowerCase() === one.toLowerCase())
    if (rule !== undefined) return rule
    throw callFailed('not-found', call, `The load balancer ${name} has no rule ${one}.`)
  })
}

/** The pool that a rule sends to, in lower case. */
export function poolOf({ properties }: Rule): string {
  return (properties.backendAddressPool ?? properties.backendAddressPools?.[0])?.id.toLowerCase() ?? ''
}

/** The same rule, which sends to another pool. A rule names its pool twice, and both are to agree. */
export function pointed(rule: Rule, id: string): Rule {
  const { backendAddressPools: all } = rule.properties
  const again = all === undefined ? {} : { backendAddressPools: [{ id }] }
  return { ...rule, properties: { ...rule.properties, backendAddressPool: { id }, ...again } }
}
