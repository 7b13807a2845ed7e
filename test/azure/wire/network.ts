import { networkId, type Account, type Body, type CardRecord, type PoolRecord } from './account.ts'
import { begin, type Begun } from './begin.ts'
import { Fault, notFound } from './fault.ts'
import type { Conditions } from './set-changes.ts'

/** A pool of a load balancer. What a pool is joined by, its machines' interfaces say; it shows them. */
export function poolBody(account: Account, name: string): Body {
  const pool = poolAt(account, name)
  const id = poolId(account, name)
  const addresses = [...account.cards.values()]
    .filter((one) => one.pools.includes(id.toLowerCase()))
    .map((one) => addressId(account, one))
  return {
    name: name.split('/')[1],
    id,
    etag: `W/"${pool.etag}"`,
    type: 'Microsoft.Network/loadBalancers/backendAddressPools',
    properties: {
      provisioningState: pool.busyUntil > account.world.now ? 'Updating' : 'Succeeded',
      backendIPConfigurations: addresses.map((one) => ({ id: one })),
      loadBalancerBackendAddresses: addresses.map((one) => ({
        name: one.split('/').at(-3),
        properties: { networkInterfaceIPConfiguration: { id: one }, adminState: pool.states.get(one) ?? 'None' },
      })),
      loadBalancingRules: [{ id: networkId(account, `loadBalancers/${name.split('/')[0]}/loadBalancingRules/http`) }],
    },
  }
}

/** Writes a pool whole: the administrative states of its addresses are all that can be changed in it. */
export function putPool(account: Account, name: string, body: Body, { ifMatch }: Conditions): Begun {
  const pool = poolAt(account, name)
  if (ifMatch !== undefined && ifMatch !== `W/"${pool.etag}"`)
    throw new Fault(412, 'PreconditionFailed', `The condition '${ifMatch}' of the request is not met.`)
  // Networking says with the status of throttling that somebody else is at it.
  if (pool.busyUntil > account.world.now)
    throw new Fault(429, 'RetryableErrorDueToAnotherOperation', 'Another operation on this or dependent resource is in progress.')
  const { loadBalancerBackendAddresses: addresses = [] } = body['properties'] as { loadBalancerBackendAddresses?: Address[] }
  pool.states.clear()
  for (const { properties: one } of addresses)
    if (one.adminState !== undefined && one.adminState !== 'None')
      pool.states.set(one.networkInterfaceIPConfiguration.id, one.adminState)
  pool.etag++
  pool.busyUntil = account.world.now + account.operationMs
  const { operation } = begin(account, 'Microsoft.Network', () => undefined)
  return { status: 200, operation, body: poolBody(account, name) }
}

interface Address {
  readonly properties: { readonly adminState?: string; readonly networkInterfaceIPConfiguration: { readonly id: string } }
}

/** A network interface of a machine. */
export function cardBody(account: Account, name: string): Body {
  const card = cardAt(account, name)
  return {
    name: card.name,
    id: networkId(account, `networkInterfaces/${card.name}`),
    etag: `W/"${card.etag}"`,
    location: account.location,
    properties: {
      provisioningState: 'Succeeded',
      primary: true,
      ipConfigurations: [
        {
          name: 'ip',
          id: addressId(account, card),
          properties: {
            primary: true,
            subnet: { id: networkId(account, 'virtualNetworks/shop/subnets/web') },
            loadBalancerBackendAddressPools: card.pools.map((id) => ({ id })),
          },
        },
      ],
    },
  }
}

/** Writes a network interface whole, which is how a machine that runs joins a pool and leaves it. */
export function putCard(account: Account, name: string, body: Body, { ifMatch }: Conditions): Begun {
  const card = cardAt(account, name)
  if (ifMatch !== undefined && ifMatch !== `W/"${card.etag}"`)
    throw new Fault(412, 'PreconditionFailed', `The condition '${ifMatch}' of the request is not met.`)
  const { ipConfigurations } = body['properties'] as { ipConfigurations: readonly Configuration[] }
  card.pools = ipConfigurations.flatMap((one) =>
    (one.properties.loadBalancerBackendAddressPools ?? []).map(({ id }) => id.toLowerCase()),
  )
  card.etag++
  const { operation } = begin(account, 'Microsoft.Network', () => undefined)
  return { status: 200, operation, body: cardBody(account, name) }
}

interface Configuration {
  readonly properties: { readonly loadBalancerBackendAddressPools?: readonly { readonly id: string }[] }
}

function poolAt({ pools, resourceGroup }: Account, name: string): PoolRecord {
  const found = pools.get(name)
  if (found !== undefined) return found
  throw notFound('Microsoft.Network/loadBalancers', name.split('/')[0] ?? '', resourceGroup)
}

function cardAt({ cards, resourceGroup }: Account, name: string): CardRecord {
  const found = [...cards.values()].find((one) => one.name.toLowerCase() === name.toLowerCase())
  if (found !== undefined) return found
  throw notFound('Microsoft.Network/networkInterfaces', name, resourceGroup)
}

function poolId(account: Account, name: string): string {
  const [balancer, pool] = name.split('/')
  return networkId(account, `loadBalancers/${balancer}/backendAddressPools/${pool}`)
}

function addressId(account: Account, { name }: CardRecord): string {
  return networkId(account, `networkInterfaces/${name}/ipConfigurations/ip`)
}
