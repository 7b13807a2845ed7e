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

/** A setting that is in force for a set, and the sizes that it allows. */
export function scalingOf(account: Account, set: SetRecord): Scaling | undefined {
  const id = idOf(account, `virtualMachineScaleSets/${set.name}`).toLowerCase()
  for (const [name, { properties = {} }] of account.settings) {
    const { enabled, targetResourceUri, profiles: [profile] = [] } = properties as Setting
    if (targetResourceUri?.toLowerCase() === id && enabled !== false && profile !== undefined)
      return { name, min: Number(profile.capacity.minimum), max: Number(profile.capacity.maximum) }
  }
  return undefined
}

interface Scaling {
  readonly name: string
  readonly min: number
  readonly max: number
}

/** Brings the set of a setting within its bounds. */
function enforce(account: Account, setting: string): void {
  for (const set of account.sets.values()) {
    const scaling = scalingOf(account, set)
    if (scaling?.name !== setting || set.provisioningState === 'Deleting') continue
    scaleTo(account, set, Math.min(scaling.max, Math.max(scaling.min, set.model.sku.capacity)))
  }
}

/** Has a set be of another size, as whoever scales it does. */
export function scaleTo(account: Account, set: SetRecord, size: number): void {
  if (size === set.model.sku.capacity) return
  const before = set.model.sku.capacity
  set.model.sku.capacity = size
  set.etag++
  account.world.schedule(account.world.now + account.operationMs, scaled(account, set, before))
}
