import { unlessAbsent } from '../../../src/core/errors.ts'
import type { ResourceGroup } from '../resource-group.ts'
import type { ArmBody } from '../sdk/arm.ts'

const VERSION = 'api-version=2026-01-01'

interface Configuration extends ArmBody {
  readonly properties: ArmBody & {
    readonly primary?: boolean
    readonly loadBalancerBackendAddressPools?: readonly { readonly id: string }[]
  }
}

interface NetworkInterface extends ArmBody {
  readonly etag: string
  readonly properties: ArmBody & { readonly primary?: boolean; readonly ipConfigurations: readonly Configuration[] }
}

/**
 * Brings a machine that runs into a pool, by the first address of its interface. The model of a set says it for those that it is to launch;
 * what Azure would do to bring the model to those that run could also write their disks anew.
 */
export async function joinPool(group: ResourceGroup, id: string, pool: string, signal: AbortSignal): Promise<void> {
  await rewrite(group, id, signal, (all) => {
    const first = all.find((one) => one.properties.primary === true) ?? all[0]
    return all.map((one) => (one === first ? inPools(one, [...without(one, pool), { id: pool }]) : one))
  })
}

/** Takes a machine that runs out of a pool. */
export async function leavePool(group: ResourceGroup, id: string, pool: string, signal: AbortSignal): Promise<void> {
  await rewrite(group, id, signal, (all) => all.map((one) => inPools(one, without(one, pool))))
}

async function rewrite(
  { caller }: ResourceGroup,
  id: string,
  signal: AbortSignal,
  change: (all: readonly Configuration[]) => readonly Configuration[],
): Promise<void> {
  const path = `${id}?${VERSION}`
  const read = { name: 'networkInterfaces.get', signal }
  const card = (await caller.arm(read, { method: 'GET', path }).catch(unlessAbsent)) as NetworkInterface | undefined
  // Its machine has gone in the meantime.
  if (card === undefined) return
  const { etag, ...rest } = card
  const properties = { ...card.properties, ipConfigurations: change(card.properties.ipConfigurations) }
  const write = { name: 'networkInterfaces.createOrUpdate', signal }
  await caller.arm(write, { method: 'PUT', path, body: { ...rest, properties }, ifMatch: etag })
}

type Pools = readonly { readonly id: string }[]

function without({ properties }: Configuration, pool: string): Pools {
  return (properties.loadBalancerBackendAddressPools ?? []).filter(({ id }) => id.toLowerCase() !== pool.toLowerCase())
}

function inPools(one: Configuration, loadBalancerBackendAddressPools: Pools): Configuration {
  return { ...one, properties: { ...one.properties, loadBalancerBackendAddressPools } }
}
