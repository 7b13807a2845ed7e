import { callFailed, isRolloutError } from '../../../src/core/errors.ts'
import type { ResourceGroup } from '../resource-group.ts'
import type { ArmBody } from '../sdk/arm.ts'
import { canonical } from '../../../src/core/json.ts'
import { MARKS, tagged } from '../marks.ts'
import { nameOf, type ScaleSet } from './set.ts'

const VERSION = 'api-version=2022-10-01'

/** The instances that a profile allows; Azure writes numbers as texts. */
interface Capacity {
  readonly minimum: string
  readonly maximum: string
  readonly default: string
}

interface Profile extends ArmBody {
  readonly name: string
  readonly capacity: Capacity
}

/** An autoscale setting, whole as it came, so that it can be written back. */
export interface AutoscaleSetting extends ArmBody {
  readonly name: string
  readonly location: string
  readonly properties: ArmBody & {
    readonly enabled?: boolean
    readonly targetResourceUri?: string
    readonly profiles: readonly Profile[]
  }
}

/** All autoscale settings of the resource group: one call for all of its sets. They have no entity tags. */
export async function readAutoscale(group: ResourceGroup, signal: AbortSignal): Promise<readonly AutoscaleSetting[]> {
  const target = { name: 'autoscaleSettings.listByResourceGroup', signal }
  const asked = group.caller.arm(target, { method: 'GET', path: `${folder(group)}?${VERSION}` })
  const { value = [] } = await asked.catch(unlessUnregistered)
  return value as readonly AutoscaleSetting[]
}

/** A subscription that has never used the service has no settings in it. */
function unlessUnregistered(error: unknown): ArmBody {
  if (isRolloutError(error, 'call-failed') && error.facts.native === 'MissingSubscriptionRegistration') return {}
  throw error
}

/** The setting that is in force for a set. One that is switched off does nothing. */
export function settingOf(all: readonly AutoscaleSetting[], set: ScaleSet): AutoscaleSetting | undefined {
  return all.find((one) => isFor(one, set) && one.properties.enabled !== false)
}

/** Its smallest and largest size: of several profiles, of which the hour decides, the least of each. */
export function boundsOf({ properties: { profiles } }: AutoscaleSetting): { readonly min: number; readonly max: number } {
  return {
    min: Math.min(...profiles.map((one) => Number(one.capacity.minimum))),
    max: Math.min(...profiles.map((one) => Number(one.capacity.maximum))),
  }
}

/** Why a set with this setting is not rolled: the minimum of one profile could be kept and put back, that of several could not. */
export function autoscaleObstacles(setting: AutoscaleSetting | undefined): string[] {
  const count = setting?.properties.profiles.length ?? 1
  return count === 1 ? [] : [`its autoscale setting ${setting?.name} has ${count} profiles, and imago holds the minimum of one`]
}

/** The least size of a set, and the one that it has without measurements, which is no less. */
export interface Least {
  readonly min: number
  /** @default - what it is */
  readonly usual?: number | undefined
}

/** The size that a set has without measurements while nobody holds its minimum. */
export function usualOf({ properties: { profiles } }: AutoscaleSetting, { tags }: ScaleSet): number {
  return Number(tagged(tags, MARKS.usual) ?? profiles[0]?.capacity.default)
}

/** Whether a setting says this already. */
export function saysLeast({ properties: { profiles } }: AutoscaleSetting, least: Least): boolean {
  return profiles.every(({ capacity }) => canonical(withLeast(capacity, least)) === canonical(capacity))
}

/** Writes another minimum into a setting. */
export async function writeMinimum(
  group: ResourceGroup,
  setting: AutoscaleSetting,
  least: Least,
  signal: AbortSignal,
): Promise<void> {
  if (saysLeast(setting, least)) return
  const profiles = setting.properties.profiles.map((one) => ({ ...one, capacity: withLeast(one.capacity, least) }))
  await write(group, setting.name, { ...setting, properties: { ...setting.properties, profiles } }, signal)
}

/** Makes the setting of a clone: that of the original, which watches and scales the clone instead. */
export async function copySetting(
  group: ResourceGroup,
  setting: AutoscaleSetting,
  { original, clone, min }: { readonly original: ScaleSet; readonly clone: string; readonly min: number },
  signal: AbortSignal,
): Promise<void> {
  const from = original.id ?? ''
  const to = from.slice(0, -nameOf(original).length) + clone
  const { id: _id, systemData: _data, type: _type, ...settings } = setting
  const turned = JSON.parse(JSON.stringify(settings), (_key, value: unknown) =>
    typeof value === 'string' && value.toLowerCase() === from.toLowerCase() ? to : value,
  ) as AutoscaleSetting
  const least = { min, usual: usualOf(setting, original) }
  const profiles = turned.properties.profiles.map((one) => ({ ...one, capacity: withLeast(one.capacity, least) }))
  const own = { name: clone, properties: { ...turned.properties, name: clone, profiles } }
  await write(group, clone, { ...turned, ...own }, signal)
}

/** Deletes what scales a set, also what is switched off; what is gone is no error. */
export async function deleteSettings(group: ResourceGroup, set: ScaleSet, signal: AbortSignal): Promise<void> {
  for (const one of (await readAutoscale(group, signal)).filter((setting) => isFor(setting, set)))
    await group.caller.arm(
      { name: 'autoscaleSettings.delete', signal },
      { method: 'DELETE', path: `${folder(group)}/${one.name}?${VERSION}` },
    )
}

async function write(group: ResourceGroup, name: string, body: ArmBody, signal: AbortSignal): Promise<void> {
  const path = `${folder(group)}/${name}?${VERSION}`
  await group.caller.arm({ name: 'autoscaleSettings.createOrUpdate', signal }, { method: 'PUT', path, body })
}

/** @throws RolloutError `call-failed` of class `quota` for a minimum that its maximum does not allow. */
function withLeast(capacity: Capacity, { min, usual = Number(capacity.default) }: Least): Capacity {
  if (min > Number(capacity.maximum))
    throw callFailed(
      'quota',
      'autoscaleSettings.createOrUpdate',
      `A minimum of ${min} is more than ${capacity.maximum}, the maximum.`,
    )
  return { ...capacity, minimum: String(min), default: String(Math.max(min, usual)) }
}

function isFor({ properties }: AutoscaleSetting, { id }: ScaleSet): boolean {
  return properties.targetResourceUri?.toLowerCase() === id?.toLowerCase()
}

function folder({ subscription, name }: ResourceGroup): string {
  return `/subscriptions/${subscription}/resourceGroups/${name}/providers/Microsoft.Insights/autoscalesettings`
}
