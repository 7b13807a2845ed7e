import { unlessAbsent } from '../../../src/core/errors.ts'
import { isObject } from '../../../src/core/json.ts'
import { poolsKey } from '../fleet/set.ts'
import type { ResourceGroup } from '../resource-group.ts'
import type { ArmBody } from '../sdk/arm.ts'

/** An address of a machine. */
interface Address extends ArmBody {
  readonly properties: ArmBody & {
    readonly primary?: boolean
    readonly loadBalancerBackendAddressPools?: Pools
    readonly applicationGatewayBackendAddressPools?: Pools
  }
}

interface Card extends ArmBody {
  readonly properties: ArmBody & { readonly primary?: boolean; readonly ipConfigurations: readonly Address[] }
}

/** Where the addresses of a machine are written. */
interface Holder {
  readonly client: string
  readonly write: string
  readonly version: string
  cards(body: ArmBody): readonly Card[]
  /** What is sent, with these cards instead. */
  sent(body: ArmBody, cards: readonly Card[]): ArmBody
}

/** Of a Flexible set: a network interface, which is written whole. */
const INTERFACE: Holder = {
  client: 'networkInterfaces',
  write: 'createOrUpdate',
  version: 'api-version=2026-01-01',
  cards: (body) => [body as Card],
  sent: ({ etag: _etag, ...rest }, [card]) => ({ ...rest, properties: card?.properties }),
}

/** Of a Uniform set: the instance, of which no more is sent than its size and how it is connected; what is left out stays. */
const INSTANCE: Holder = {
  client: 'virtualMachineScaleSetVMs',
  write: 'update',
  version: 'api-version=2026-04-01',
  cards: (body) => {
    const { networkProfileConfiguration: network } = propertiesOf(body)
    return isObject(network) ? (network['networkInterfaceConfigurations'] as readonly Card[]) : []
  },
  sent: (body, networkInterfaceConfigurations) => {
    const { hardwareProfile } = propertiesOf(body)
    const properties = { hardwareProfile, networkProfileConfiguration: { networkInterfaceConfigurations } }
    return { location: body['location'], properties }
  },
}

/**
 * Brings a machine that runs into a pool, by its first address. The model of a set says it for those that it is to launch; what Azure would
 * do to bring the model to those that run could also write their disks anew.
 *
 * @param id where its addresses are written.
 */
export async function joinPool(group: ResourceGroup, id: string, pool: string, signal: AbortSignal): Promise<void> {
  await rewrite(group, id, signal, (one, isFirst) => (isFirst ? inPools(one, pool, [{ id: pool }]) : one))
}

/** Takes a machine that runs out of a pool. */
export async function leavePool(group: ResourceGroup, id: string, pool: string, signal: AbortSignal): Promise<void> {
  await rewrite(group, id, signal, (one) => inPools(one, pool, []))
}

async function rewrite(
  { caller }: ResourceGroup,
  id: string,
  signal: AbortSignal,
  change: (one: Address, isFirst: boolean) => Address,
): Promise<void> {
  const { client, write, version, cards, sent } = /\/virtualMachineScaleSets\//i.test(id) ? INSTANCE : INTERFACE
  const path = `${id}?${version}`
  const body = await caller.arm({ name: `${client}.get`, signal }, { method: 'GET', path }).catch(unlessAbsent)
  // Its machine has gone in the meantime.
  if (body === undefined) return
  const { etag } = body
  const all = cards(body)
  const changed = all.map(({ properties, ...card }) => {
    const isFirst = firstOf(all)?.properties === properties
    const { ipConfigurations: before } = properties
    const ipConfigurations = before.map((one) => change(one, isFirst && one === firstOf(before)))
    return { ...card, properties: { ...properties, ipConfigurations } }
  })
  const condition = typeof etag === 'string' ? { ifMatch: etag } : {}
  await caller.arm({ name: `${client}.${write}`, signal }, { method: 'PUT', path, body: sent(body, changed), ...condition })
}

function propertiesOf({ properties }: ArmBody): ArmBody {
  return isObject(properties) ? properties : {}
}

/** Of several the one that says so; a single one need not say it. */
function firstOf<T extends Card | Address>(all: readonly T[]): T | undefined {
  return all.find((one) => one.properties.primary === true) ?? all[0]
}

type Pools = readonly { readonly id: string }[]

/** In these pools instead of this one, beside all others. */
function inPools(one: Address, pool: string, instead: Pools): Address {
  const key = poolsKey(pool)
  const others = (one.properties[key] ?? []).filter(({ id }) => id.toLowerCase() !== pool.toLowerCase())
  return { ...one, properties: { ...one.properties, [key]: [...others, ...instead] } }
}
