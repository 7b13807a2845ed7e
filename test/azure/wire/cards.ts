import { networkId, type Account, type Body, type CardRecord } from './account.ts'
import { begin, type Begun, type Conditions } from './begin.ts'
import { Fault, notFound } from './fault.ts'

/** A network interface of a machine of a Flexible set. */
export function cardBody(account: Account, name: string): Body {
  const card = cardAt(account, name)
  return { name, id: card.id, etag: `W/"${card.etag}"`, location: account.location, properties: cardProperties(account, card) }
}

/** Writes a network interface whole, which is how a machine that runs joins a pool and leaves it. */
export function putCard(account: Account, name: string, body: Body, conditions: Conditions): Begun {
  const card = cardAt(account, name)
  writeCard(account, card, body['properties'] as CardProperties, conditions)
  const { operation } = begin(account, 'Microsoft.Network', () => undefined)
  return { status: 200, operation, body: cardBody(account, name) }
}

function cardProperties(account: Account, card: CardRecord): Body {
  const ipConfigurations = [
    { name: 'ip', id: addressId(card), properties: { primary: true, ...connection(account, card.pools) } },
  ]
  return { provisioningState: 'Succeeded', primary: true, ipConfigurations }
}

/** Whether a pool is one of an application gateway. */
function isGatewayPool(id: string): boolean {
  return id.toLowerCase().includes('/applicationgateways/')
}

/** Where an address names a pool of this id. */
export function poolsKey(id: string): keyof Connected {
  return isGatewayPool(id) ? 'applicationGatewayBackendAddressPools' : 'loadBalancerBackendAddressPools'
}

/** How an address is connected. */
export function connection(account: Account, pools: readonly string[]): Body {
  const subnet = { id: networkId(account, 'virtualNetworks/shop/subnets/web') }
  const listed = (isProxied: boolean) => pools.filter((id) => isGatewayPool(id) === isProxied).map((id) => ({ id }))
  const proxied = listed(true)
  return {
    subnet,
    loadBalancerBackendAddressPools: listed(false),
    ...(proxied.length === 0 ? {} : { applicationGatewayBackendAddressPools: proxied }),
  }
}

/** The resource id of its address. */
export function addressId({ id }: CardRecord): string {
  return `${id}/ipConfigurations/ip`
}

/** The interfaces that are in a pool. */
export function cardsIn({ cards }: Account, pool: string): CardRecord[] {
  return [...cards.values()].filter((one) => one.pools.includes(pool.toLowerCase()))
}

/** The pools that an address is in. */
export interface Connected {
  readonly loadBalancerBackendAddressPools?: readonly { readonly id: string }[]
  readonly applicationGatewayBackendAddressPools?: readonly { readonly id: string }[]
}

/** Their resource ids, in lower case. */
export function poolsOfAddress({
  loadBalancerBackendAddressPools: balanced = [],
  applicationGatewayBackendAddressPools: proxied = [],
}: Connected): string[] {
  const wrong = [...balanced.filter(({ id }) => isGatewayPool(id)), ...proxied.filter(({ id }) => !isGatewayPool(id))]
  if (wrong.length > 0) throw new Fault(400, 'InvalidResourceReference', `${wrong[0]?.id} is a pool of another kind.`)
  return [...balanced, ...proxied].map(({ id }) => id.toLowerCase())
}

/** As much of an interface as can be written. */
export interface CardProperties {
  readonly ipConfigurations: readonly {
    readonly properties: Connected
  }[]
}

/** Writes how an interface is connected, unless it is being written. */
export function writeCard(
  account: Account,
  card: CardRecord,
  { ipConfigurations }: CardProperties,
  { ifMatch }: Conditions,
): void {
  if (ifMatch !== undefined && ifMatch !== `W/"${card.etag}"`)
    throw new Fault(412, 'PreconditionFailed', `The condition '${ifMatch}' of the request is not met.`)
  if (card.busyUntil > account.world.now)
    throw new Fault(409, 'Conflict', 'The request failed due to conflict with a concurrent request.')
  const before = card.pools
  card.pools = ipConfigurations.flatMap((one) => poolsOfAddress(one.properties))
  card.etag++
  // What a pool says of an address goes with it.
  for (const [name, balancer] of account.balancers)
    for (const [pool, states] of balancer.pools) {
      const id = networkId(account, `${balancer.kind}/${name}/backendAddressPools/${pool}`).toLowerCase()
      if (!card.pools.includes(id)) states.delete(addressId(card).toLowerCase())
      // A gateway is updated with whoever joins or leaves a pool of it.
      if (balancer.kind === 'applicationGateways' && card.pools.includes(id) !== before.includes(id))
        balancer.busyUntil = Math.max(balancer.busyUntil, account.world.now + account.operationMs)
    }
}

function cardAt({ cards, resourceGroup }: Account, name: string): CardRecord {
  const found = [...cards.values()].find((one) =>
    one.id.toLowerCase().endsWith(`/microsoft.network/networkinterfaces/${name.toLowerCase()}`),
  )
  if (found !== undefined) return found
  throw notFound('Microsoft.Network/networkInterfaces', name, resourceGroup)
}
