import { networkId, type Account, type Body, type CardRecord, type MemberRecord, type SetRecord } from './account.ts'
import { begin, type Begun } from './begin.ts'
import { cardName } from './converge.ts'
import { Fault, notFound } from './fault.ts'
import { uniformBody } from './outputs.ts'
import type { Conditions } from './set-changes.ts'

/** A network interface of a machine of a Flexible set. */
export function cardBody(account: Account, name: string): Body {
  const card = cardAt(account, name)
  return { name, id: card.id, etag: `W/"${card.etag}"`, location: account.location, properties: cardProperties(account, card) }
}

/** Writes a network interface whole, which is how a machine that runs joins a pool and leaves it. */
export function putCard(account: Account, name: string, body: Body, conditions: Conditions): Begun {
  const card = cardAt(account, name)
  write(account, card, body['properties'] as CardProperties, conditions)
  const { operation } = begin(account, 'Microsoft.Network', () => undefined)
  return { status: 200, operation, body: cardBody(account, name) }
}

/** An instance of a Uniform set. @throws Fault when it is not there. */
export function memberAt({ resourceGroup }: Account, set: SetRecord, id: string): MemberRecord {
  const found = set.members.find((one) => one.id === id)
  if (found !== undefined) return found
  throw notFound('Microsoft.Compute/virtualMachineScaleSets/virtualMachines', `${set.name}/${id}`, resourceGroup)
}

/** Writes an instance of a Uniform set: how it is connected is all of it that can be changed, and it is updated for a while. */
export function putMember(account: Account, set: SetRecord, id: string, body: Body, conditions: Conditions): Begun {
  const member = memberAt(account, set, id)
  const card = account.cards.get(cardName(set, id))
  const { networkProfileConfiguration: network } = body['properties'] as { networkProfileConfiguration?: Network }
  const [written] = network?.networkInterfaceConfigurations ?? []
  if (card === undefined || written === undefined || body['location'] !== account.location)
    throw new Fault(400, 'InvalidParameter', 'An instance has a location and network interfaces.')
  write(account, card, written.properties, conditions)
  card.busyUntil = account.world.now + account.operationMs
  const { operation } = begin(account, 'Microsoft.Compute', () => undefined)
  return { status: 200, operation, body: uniformBody(account, set, member) }
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

interface CardProperties {
  readonly ipConfigurations: readonly {
    readonly properties: { readonly loadBalancerBackendAddressPools?: readonly { readonly id: string }[] }
  }[]
}

interface Network {
  readonly networkInterfaceConfigurations?: readonly { readonly properties: CardProperties }[]
}

function write({ world }: Account, card: CardRecord, { ipConfigurations }: CardProperties, { ifMatch }: Conditions): void {
  if (ifMatch !== undefined && ifMatch !== `W/"${card.etag}"`)
    throw new Fault(412, 'PreconditionFailed', `The condition '${ifMatch}' of the request is not met.`)
  if (card.busyUntil > world.now)
    throw new Fault(409, 'Conflict', 'The request failed due to conflict with a concurrent request.')
  card.pools = ipConfigurations.flatMap((one) =>
    (one.properties.loadBalancerBackendAddressPools ?? []).map(({ id }) => id.toLowerCase()),
  )
  card.etag++
}

function cardAt({ cards, resourceGroup }: Account, name: string): CardRecord {
  const found = [...cards.values()].find((one) =>
    one.id.toLowerCase().endsWith(`/microsoft.network/networkinterfaces/${name.toLowerCase()}`),
  )
  if (found !== undefined) return found
  throw notFound('Microsoft.Network/networkInterfaces', name, resourceGroup)
}
