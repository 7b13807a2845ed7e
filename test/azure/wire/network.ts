import { networkId, type Account, type BalancerKind, type BalancerRecord, type Body } from './account.ts'
import { begin, type Begun, type Conditions } from './begin.ts'
import { addressId, cardsIn } from './cards.ts'
import { Fault, notFound } from './fault.ts'

/** A load balancer, with all that it consists of. */
export function balancerBody(account: Account, name: string): Body {
  const { etag, tags, pools, rules } = balancerAt(account, name)
  const place = networkId(account, `loadBalancers/${name}`)
  const front = { publicIPAddress: { id: networkId(account, 'publicIPAddresses/web') } }
  return {
    name,
    id: place,
    etag: `W/"${etag}"`,
    type: 'Microsoft.Network/loadBalancers',
    location: account.location,
    tags,
    sku: { name: 'Standard', tier: 'Regional' },
    properties: {
      provisioningState: stateOf(account, name),
      frontendIPConfigurations: [{ name: 'front', id: `${place}/frontendIPConfigurations/front`, properties: front }],
      backendAddressPools: [...pools.keys()].map((pool) => poolBody(account, name, pool)),
      loadBalancingRules: [...rules].map(([rule, pool]) => ({
        name: rule,
        id: `${place}/loadBalancingRules/${rule}`,
        etag: `W/"${etag}"`,
        properties: {
          protocol: 'Tcp',
          frontendPort: 80,
          backendPort: 80,
          // What no client that is made from a description of before knows of.
          allowBackendPortConflict: false,
          backendAddressPool: { id: poolId(account, name, pool) },
          backendAddressPools: [{ id: poolId(account, name, pool) }],
        },
      })),
      probes: [],
      inboundNatRules: [],
    },
  }
}

/** Writes a load balancer whole. A pool goes with what is left out, unless it is used. */
export function putBalancer(account: Account, name: string, body: Body, { ifMatch }: Conditions): Begun {
  const balancer = balancerAt(account, name)
  const { backendAddressPools: pools, loadBalancingRules: rules } = body['properties'] as BalancerProperties
  checkWrite(account, balancer, ifMatch)
  putPools(account, name, balancer, pools)
  for (const { name: rule, properties } of rules) {
    if (properties.allowBackendPortConflict === undefined)
      throw new Fault(400, 'InvalidRequestFormat', `The rule ${rule} has lost what it was sent with.`)
    aim(balancer, rule, properties.backendAddressPool)
  }
  balancer.tags = (body['tags'] ?? {}) as Record<string, string>
  return written(account, balancer, () => balancerBody(account, name))
}

/** Has a document consist of these pools. */
export function putPools(account: Account, name: string, balancer: BalancerRecord, pools: readonly PoolNamed[]): void {
  const names = pools.map((one) => one.name)
  for (const gone of [...balancer.pools.keys()].filter((one) => !names.includes(one))) {
    const used = cardsIn(account, poolId(account, name, gone)).length > 0 || isLaunchedInto(account, poolId(account, name, gone))
    if (used) throw new Fault(400, 'InUseBackendAddressPoolCannotBeDeleted', `The pool ${gone} of ${name} is in use.`)
    balancer.pools.delete(gone)
  }
  for (const one of names) if (!balancer.pools.has(one)) balancer.pools.set(one, new Map())
}

/** Has a rule send to a pool. */
export function aim({ pools, rules }: BalancerRecord, rule: string, { id }: { readonly id: string }): void {
  const pool = id.split('/').at(-1) ?? ''
  if (!pools.has(pool)) throw new Fault(400, 'InvalidResourceReference', `The rule ${rule} sends to ${pool}, which is not there.`)
  rules.set(rule, pool)
}

interface PoolNamed {
  readonly name: string
}

interface BalancerProperties {
  readonly backendAddressPools: readonly PoolNamed[]
  readonly loadBalancingRules: readonly {
    readonly name: string
    readonly properties: { readonly backendAddressPool: { readonly id: string }; readonly allowBackendPortConflict?: boolean }
  }[]
}

/** A pool of a load balancer. What a pool is joined by, its machines' interfaces say; it shows them. */
export function poolBody(account: Account, name: string, pool: string): Body {
  const balancer = balancerAt(account, name)
  const states = statesOf(account, name, pool)
  const id = poolId(account, name, pool)
  const addresses = cardsIn(account, id).map((one) => addressId(one))
  return {
    name: pool,
    id,
    etag: `W/"${balancer.etag}"`,
    type: 'Microsoft.Network/loadBalancers/backendAddressPools',
    properties: {
      provisioningState: stateOf(account, name),
      backendIPConfigurations: addresses.map((one) => ({ id: one })),
      loadBalancerBackendAddresses: addresses.map((one) => ({
        name: entryName(one),
        properties: { networkInterfaceIPConfiguration: { id: one }, adminState: states.get(one.toLowerCase()) ?? 'None' },
      })),
    },
  }
}

/** Writes a pool whole: the administrative states of its addresses are all that can be changed in it. */
export function putPool(account: Account, name: string, pool: string, body: Body, { ifMatch }: Conditions): Begun {
  const balancer = balancerAt(account, name)
  const states = statesOf(account, name, pool)
  checkWrite(account, balancer, ifMatch)
  const { loadBalancerBackendAddresses: addresses = [] } = body['properties'] as { loadBalancerBackendAddresses?: Address[] }
  const names = addresses.map((one) => one.name)
  if (new Set(names).size < names.length) throw new Fault(400, 'InvalidRequestFormat', `Two addresses of ${pool} have one name.`)
  states.clear()
  for (const { properties: one } of addresses)
    if (one.adminState !== undefined && one.adminState !== 'None')
      states.set(one.networkInterfaceIPConfiguration.id.toLowerCase(), one.adminState)
  return written(account, balancer, () => poolBody(account, name, pool))
}

/** Unique in its pool, also where all instances of a set have an interface of one name. */
function entryName(id: string): string {
  return id.split('/').slice(8).join('-')
}

interface Address {
  readonly name: string
  readonly properties: { readonly adminState?: string; readonly networkInterfaceIPConfiguration: { readonly id: string } }
}

/** Whether a document may be written: nobody has since it was read, and nobody does now. */
export function checkWrite({ world }: Account, balancer: BalancerRecord, ifMatch: string | undefined): void {
  if (ifMatch !== undefined && ifMatch !== `W/"${balancer.etag}"`)
    throw new Fault(412, 'PreconditionFailed', `The condition '${ifMatch}' of the request is not met.`)
  if (balancer.busyUntil <= world.now) return
  if (balancer.kind === 'applicationGateways')
    throw new Fault(409, 'AnotherOperationInProgress', 'Another operation on this or dependent resource is in progress.')
  // Networking says with the status of throttling that somebody else is at it.
  throw new Fault(429, 'RetryableErrorDueToAnotherOperation', 'Another operation on this or dependent resource is in progress.')
}

/** A document as it was written, which it takes a while to become. */
export function written(account: Account, balancer: BalancerRecord, body: () => Body): Begun {
  balancer.etag++
  balancer.busyUntil = account.world.now + account.operationMs
  const inForce = new Map(balancer.rules)
  const { operation } = begin(account, 'Microsoft.Network', () => {
    if (balancer.fails === true) return { code: 'InternalServerError', message: 'The update could not be applied.' }
    if (balancer.kind !== 'applicationGateways') return undefined
    balancer.inForce = inForce
    account.world.record(`a gateway sends by ${JSON.stringify(Object.fromEntries(inForce))}`)
    return undefined
  })
  return { status: 200, operation, body: body() }
}

/** A load balancer or a gateway. @throws Fault when it is not there. */
export function balancerAt(
  { balancers, resourceGroup }: Account,
  name: string,
  kind: BalancerKind = 'loadBalancers',
): BalancerRecord {
  const found = balancers.get(name)
  if (found?.kind === kind) return found
  throw notFound(`Microsoft.Network/${kind}`, name, resourceGroup)
}

function statesOf(account: Account, name: string, pool: string): Map<string, string> {
  const states = balancerAt(account, name).pools.get(pool)
  if (states !== undefined) return states
  throw notFound('Microsoft.Network/loadBalancers/backendAddressPools', `${name}/${pool}`, account.resourceGroup)
}

/** Whether it is being updated, as Azure says it. */
export function stateOf(account: Account, name: string): string {
  const { busyUntil = 0, fails = false } = account.balancers.get(name) ?? {}
  return busyUntil > account.world.now ? 'Updating' : fails ? 'Failed' : 'Succeeded'
}

/** Whether a set launches into a pool. */
function isLaunchedInto({ sets }: Account, pool: string): boolean {
  return [...sets.values()].some((one) => JSON.stringify(one.model.properties).toLowerCase().includes(`"${pool.toLowerCase()}"`))
}

/** The resource id of a pool. */
export function poolId(account: Account, balancer: string, pool: string): string {
  const kind = account.balancers.get(balancer)?.kind ?? 'loadBalancers'
  return networkId(account, `${kind}/${balancer}/backendAddressPools/${pool}`)
}
