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
  const path = `${id}?${VERSION}`
  const read = { name: 'networkInterfaces.get', signal }
  const card = (await group.caller.arm(read, { method: 'GET', path }).catch(unlessAbsent)) as NetworkInterface | undefined
  // Its machine has gone in the meantime.
  if (card === undefined) return
  const all = card.properties.ipConfigurations
  const first = all.find((one) => one.properties.primary === true) ?? all[0]
  const ipConfigurations = all.map((one) => (one === first ? joined(one, pool) : one))
  const { etag, ...rest } = card
  await group.caller.arm(
    { name: 'networkInterfaces.createOrUpdate', signal },
    { method: 'PUT', path, body: { ...rest, properties: { ...card.properties, ipConfigurations } }, ifMatch: etag },
  )
}

function joined(one: Configuration, pool: string): Configuration {
  const before = (one.properties.loadBalancerBackendAddressPools ?? []).filter(
    ({ id }) => id.toLowerCase() !== pool.toLowerCase(),
  )
  return { ...one, properties: { ...one.properties, loadBalancerBackendAddressPools: [...before, { id: pool }] } }
}
