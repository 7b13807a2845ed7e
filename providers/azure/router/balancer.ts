import { callFailed } from '../../../src/core/errors.ts'
import type { Accepted } from '../../../src/core/ports.ts'
import type { Tags } from '../marks.ts'
import type { ResourceGroup } from '../resource-group.ts'
import type { ArmBody } from '../sdk/arm.ts'
import type { Pool } from './pools.ts'

const VERSION = 'api-version=2026-01-01'

/** What sends to pools by rules: a load balancer or an application gateway. */
export interface BalancerKind {
  readonly resource: 'loadBalancers' | 'applicationGateways'
  /** What people call one. */
  readonly words: string
  /** Everywhere that a rule sends to a pool. */
  aims(properties: ArmBody): readonly Aim[]
}

/** A place of a document that names the pool which a rule sends to. */
export interface Aim {
  readonly rule: string
  /** The part that has it, */
  readonly of: Record<string, unknown>
  /** and the key that it has there. */
  readonly as: string
}

/** A load balancer or a gateway, whole as it came, so that it can be written back: all of it is one document with one entity tag. */
export interface Balancer extends ArmBody {
  readonly id: string
  readonly name: string
  readonly etag: string
  readonly tags?: Tags
  readonly properties: ArmBody & { readonly backendAddressPools: readonly Pool[]; readonly provisioningState?: string }
}

/** A part of a document that has a name. */
export interface Named extends ArmBody {
  readonly name: string
  readonly properties: Record<string, unknown>
}

/** Rules of a Standard load balancer, each of which sends to one pool. */
export const BALANCER: BalancerKind = {
  resource: 'loadBalancers',
  words: 'load balancer',
  aims: ({ loadBalancingRules: rules }) =>
    (rules as readonly Named[]).map(({ name, properties }) => ({ rule: name, of: properties, as: 'backendAddressPool' })),
}

/** Reads one. @throws RolloutError `call-failed`, `not-found` for one that is not there. */
export async function readBalancer(
  group: ResourceGroup,
  kind: BalancerKind,
  balancer: string,
  signal: AbortSignal,
): Promise<Balancer> {
  const path = `${placeOf(group, kind)}/${encodeURIComponent(balancer)}?${VERSION}`
  return (await group.caller.arm({ name: `${kind.resource}.get`, signal }, { method: 'GET', path })) as Balancer
}

/** Reads all of a kind in the resource group. */
export async function listBalancers(group: ResourceGroup, kind: BalancerKind, signal: AbortSignal): Promise<Balancer[]> {
  const all: Balancer[] = []
  for (let path: string | undefined = `${placeOf(group, kind)}?${VERSION}`; path !== undefined;) {
    const { value = [], nextLink } = await group.caller.arm({ name: `${kind.resource}.list`, signal }, { method: 'GET', path })
    all.push(...(value as readonly Balancer[]))
    // Wherever an answer leads, the endpoint is asked.
    const next: URL | undefined = typeof nextLink === 'string' ? new URL(nextLink) : undefined
    path = next && next.pathname + next.search
  }
  return all
}

function placeOf({ subscription, name }: ResourceGroup, { resource }: BalancerKind): string {
  return `/subscriptions/${subscription}/resourceGroups/${name}/providers/Microsoft.Network/${resource}`
}

/** Writes one whole, if it still is what was read. */
export async function writeBalancer(
  { caller }: ResourceGroup,
  { resource }: BalancerKind,
  { etag, ...body }: Balancer,
  signal: AbortSignal,
): Promise<Accepted> {
  const target = { name: `${resource}.createOrUpdate`, signal }
  return await caller.begin(target, { method: 'PUT', path: `${body.id}?${VERSION}`, body, ifMatch: etag })
}

/** The pools that rules of these names send to, by id in lower case. @throws RolloutError `call-failed` of class `not-found`. */
export function poolsOfRules(
  kind: BalancerKind,
  { name, properties }: Balancer,
  rules: readonly string[],
  call: string,
): string[] {
  const aims = kind.aims(properties)
  return rules.flatMap((rule) => {
    const found = aims.filter((one) => isSame(one.rule, rule))
    if (found.length > 0) return found.map(poolOf)
    const there = aims.map((one) => one.rule).join(', ') || 'none'
    throw callFailed(
      'not-found',
      call,
      `The ${kind.words} ${name} has no rule ${rule} that sends to a pool; there are: ${there}.`,
    )
  })
}

/** The same document, in which these rules send to another pool. Rules of load balancers name it twice, and both are to agree. */
export function pointed(kind: BalancerKind, balancer: Balancer, rules: readonly string[], id: string): Balancer {
  const properties = structuredClone(balancer.properties)
  for (const { rule, of, as } of kind.aims(properties))
    if (rules.some((one) => isSame(one, rule))) {
      of[as] = { id }
      if (of['backendAddressPools'] !== undefined) of['backendAddressPools'] = [{ id }]
    }
  return { ...balancer, properties }
}

function poolOf({ of, as }: Aim): string {
  const [first] = (of['backendAddressPools'] ?? []) as readonly Pool[]
  return ((of[as] as Pool | undefined) ?? first)?.id.toLowerCase() ?? ''
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}
