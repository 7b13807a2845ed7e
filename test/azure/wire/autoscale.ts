import { idOf, SUBSCRIPTION, type Account, type Body, type SetRecord } from './account.ts'
import { Fault } from './fault.ts'
import { scaled } from './set-changes.ts'

const PERIOD_MS = 60_000

/** An autoscale setting as Azure answers it. */
export function settingBody({ resourceGroup }: Account, name: string, body: Body): Body {
  const place = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${resourceGroup}/providers/microsoft.insights/autoscalesettings`
  return { ...body, id: `${place}/${name}`, name, type: 'Microsoft.Insights/autoscaleSettings' }
}

/** Writes a setting, at once; a minute later it is what its set is held to. */
export function putSetting(account: Account, name: string, body: Body): Body {
  const { properties, location } = body as { properties?: Setting; location?: string }
  for (const { capacity } of properties?.profiles ?? [])
    if (Number(capacity.minimum) > Number(capacity.maximum) || Number(capacity.default) > Number(capacity.maximum))
      throw new Fault(400, 'BadRequest', `The capacity ${JSON.stringify(capacity)} is not valid.`)
  if (properties?.profiles === undefined || location === undefined)
    throw new Fault(400, 'BadRequest', 'A setting has a location, and one profile or more.')
  account.settings.set(name, body)
  account.world.schedule(account.world.now + PERIOD_MS, () => enforce(account, name))
  return settingBody(account, name, body)
}

interface Setting {
  readonly enabled?: boolean
  readonly targetResourceUri?: string
  readonly profiles?: readonly { readonly capacity: Readonly<Record<'minimum' | 'maximum' | 'default', string>> }[]
}

/** Brings a set within its bounds. */
function enforce(account: Account, name: string): void {
  const { enabled, targetResourceUri, profiles = [] } = (account.settings.get(name)?.['properties'] ?? {}) as Setting
  const set = [...account.sets.values()].find((one) => targetOf(account, one) === targetResourceUri?.toLowerCase())
  const capacity = profiles[0]?.capacity
  if (set === undefined || capacity === undefined || enabled === false || set.provisioningState === 'Deleting') return
  const size = Math.min(Number(capacity.maximum), Math.max(Number(capacity.minimum), set.model.sku.capacity))
  if (size === set.model.sku.capacity) return
  set.model.sku.capacity = size
  set.etag++
  account.world.schedule(account.world.now + account.operationMs, scaled(account, set))
}

function targetOf(account: Account, { name }: SetRecord): string {
  return idOf(account, `virtualMachineScaleSets/${name}`).toLowerCase()
}
