import type { GalleryImageVersion, VirtualMachineImage } from '@azure/arm-compute'
import { formatImageRef, type ImageRef } from '../../../src/core/image.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import type { Found } from './find.ts'
import { locationOf } from './lookup.ts'
import type { MachineSize } from './sizes.ts'

/** What an image is to be launched on. */
export interface Ground {
  /** The region, `westeurope`. */
  readonly location: string
  /** The size of machine, `Standard_D2s_v5`, and what it can run; without that the region does not have it. @default - not one for all */
  readonly size?: { readonly name: string; readonly machine: MachineSize | undefined }
  /** The purchase plan of the scale set. @default - none */
  readonly plan: JsonObject | undefined
  /** Epoch milliseconds. */
  readonly now: number
}

/** Why instances cannot be launched from this image on this ground; empty when they can, as far as can be told before. */
export function obstaclesOf(ref: ImageRef, found: Found, ground: Ground): string[] {
  const name = formatImageRef(ref)
  const own = found.kind === 'gallery' ? ofVersion(name, found.image.version, ground) : ofOffer(name, found.image, ground)
  const { architecture, hyperVGeneration } = found.kind === 'gallery' ? found.image.definition : found.image
  return [...own, ...ofMachine(name, architecture, hyperVGeneration, ground)]
}

function ofVersion(name: string, version: GalleryImageVersion, { location, now }: Ground): string[] {
  const { provisioningState: state, publishingProfile: published, replicationStatus: replication } = version
  const endOfLife = published?.endOfLifeDate
  const there = replication?.summary?.find((one) => locationOf(one.region ?? '') === location)
  const regions = (published?.targetRegions ?? []).map((one) => locationOf(one.name)).join(', ')
  return [
    ...(state === 'Succeeded' ? [] : [`${name} is ${state ?? 'in no state'}, not Succeeded`]),
    ...(endOfLife === undefined || endOfLife.getTime() > now
      ? []
      : [`${name} reached the end of its life on ${endOfLife.toISOString().slice(0, 10)}`]),
    ...(there === undefined
      ? [`${name} is not replicated to ${location}, but to ${regions || 'no region'}`]
      : there.state === 'Completed'
        ? []
        : [`${name} is ${there.state ?? 'Unknown'} in ${location}, ${there.progress ?? 0} % replicated`]),
  ]
}

function ofOffer(name: string, { imageDeprecationStatus: deprecation, plan }: VirtualMachineImage, ground: Ground): string[] {
  const bought = ground.plan
  const isBought = plan === undefined || (plan.name === bought?.['name'] && plan.product === bought['product'])
  return [
    ...(deprecation?.imageState === 'Deprecated' ? [`${name} is deprecated by its publisher`] : []),
    ...(isBought
      ? []
      : [`${name} needs the purchase plan ${plan.publisher}/${plan.product}/${plan.name}, which the scale set does not have`]),
  ]
}

function ofMachine(
  name: string,
  architecture: string | undefined,
  generation: string | undefined,
  { location, size: of }: Ground,
): string[] {
  if (of === undefined) return []
  const { name: size, machine } = of
  if (machine === undefined) return [`${location} has no machines of size ${size}`]
  const fits = (given: string | undefined, able: readonly string[]) =>
    given === undefined || able.length === 0 || able.includes(given)
  return [
    ...machine.restrictions.map((why) => `machines of size ${size} are not to be had in ${location}: ${why}`),
    ...(fits(architecture, machine.architecture === undefined ? [] : [machine.architecture])
      ? []
      : [`${name} is for ${architecture}, ${size} runs ${machine.architecture}`]),
    ...(fits(generation, machine.generations)
      ? []
      : [`${name} is of Hyper-V generation ${generation}, ${size} runs ${machine.generations.join(', ')}`]),
  ]
}
