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

/** How an address is connected. */
export function connection(account: Account, pools: readonly string[]): Body {
  const subnet = { id: networkId(account, 'virtualNetworks/shop/subnets/web') }
  return { subnet, loadBalancerBackendAddressPools: pools.map((id) => ({ id })) }
}

/** The resource id of its address. */
export function addressId({ id }: CardRecord): string {
  return `${id}/ipConfigurations/ip`
}

/** The interfaces that are in a pool. */
export function cardsIn({ cards }: Account, pool: string): CardRecord[] {
  return [...cards.values()].filter((one) => one.pools.includes(pool.toLowerCase()))
}

/** As much of an interface as can be written. */
export interface CardProperties {
  readonly ipConfigurations: readonly {
    readonly properties: { readonly loadBalancerBackendAddressPools?: readonly { readonly id: string }[] }
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
  card.pools = ipConfigurations.flatMap((one) =>
    (one.properties.loadBalancerBackendAddressPools ?? []).map(({ id }) => id.toLowerCase()),
  )
  card.etag++
  // What a pool says of an address goes with it.
  for (const [name, { pools }] of account.balancers)
    for (const [pool, states] of pools)
      if (!card.pools.includes(networkId(account, `loadBalancers/${name}/backendAddressPools/${pool}`).toLowerCase()))
        states.delete(addressId(card).toLowerCase())
}

function cardAt({ cards, resourceGroup }: Account, name: string): CardRecord {
  const found = [...cards.values()].find((one) =>
    one.id.toLowerCase().endsWith(`/microsoft.network/networkinterfaces/${name.toLowerCase()}`),
  )
  if (found !== undefined) return found
  throw notFound('Microsoft.Network/networkInterfaces', name, resourceGroup)
}
