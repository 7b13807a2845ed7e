import type { Caller } from '../sdk/caller.ts'
import type { Image, Properties } from '../sdk/resources.ts'

/** Where machines would be launched. */
export interface Launch {
  readonly caller: Caller
  readonly project: string
  /** One of the zones of the groups: types of machines are the same in all that a group may use. */
  readonly zone: string
  readonly properties: Properties
}

/** Why machines cannot be launched from this image with these settings; empty when they can, as far as can be told before. */
export async function obstaclesOf(launch: Launch, image: Image, signal: AbortSignal): Promise<string[]> {
  return [
    ...stateObstacles(image),
    ...diskObstacles(launch.properties, image),
    ...(await architectureObstacles(launch, image, signal)),
  ]
}

/** From a deprecated image machines are launched with a warning, from one that is obsolete they are not. */
const UNUSABLE = new Set(['OBSOLETE', 'DELETED'])

function stateObstacles(image: Image): string[] {
  const { status, deprecated: { state, replacement } = {} } = image
  const told = titleOf(image)
  const instead = replacement === undefined || replacement === '' ? '' : `; in its stead there is ${replacement}`
  return [
    ...(status === 'READY' ? [] : [`${told} is ${status ?? 'in no state'}, not READY`]),
    ...(state !== undefined && UNUSABLE.has(state)
      ? [`${told} is ${state}, and nothing is launched from it any more${instead}`]
      : []),
  ]
}

function diskObstacles({ disks = [] }: Properties, image: Image): string[] {
  const size = Number(disks.find((one) => one.boot === true)?.initializeParams?.diskSizeGb ?? 0)
  const least = Number(image.diskSizeGb ?? 0)
  if (size === 0 || size >= least) return []
  return [`${titleOf(image)} needs a boot disk of ${least} GB, and the template has one of ${size} GB`]
}

async function architectureObstacles(
  { caller, project, zone, properties }: Launch,
  image: Image,
  signal: AbortSignal,
): Promise<string[]> {
  const { machineType } = properties
  if (machineType === undefined || !isTold(image.architecture)) return []
  const { architecture } = await caller.call('machineTypes.get', { project, zone, machineType }, signal)
  if (!isTold(architecture) || architecture === image.architecture) return []
  return [`${titleOf(image)} is for ${image.architecture}, ${machineType} runs ${architecture}`]
}

function isTold(architecture: string | undefined): boolean {
  return architecture !== undefined && architecture !== 'ARCHITECTURE_UNSPECIFIED'
}

function titleOf({ name, id }: Image): string {
  return `${name ?? 'an image without a name'} (${id ?? 'no id'})`
}
