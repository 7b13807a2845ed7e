import { createHash } from 'node:crypto'
import { canonical, isObject, type JsonObject } from '../../../src/core/json.ts'
import { formatImageRef, type ImageRef } from '../../../src/core/image.ts'
import type { Release, ReleaseId } from '../../../src/core/snapshot.ts'
import type { AttachedDisk, Properties } from '../sdk/resources.ts'
import type { FoundTemplate } from './templates.ts'

/** The release that a template launches, whose image is this one now. */
export function releaseOf({ path, template }: FoundTemplate, image: ImageRef): Release {
  const launch = launchDigest(settingsOf(template.properties ?? {}))
  return Object.freeze({ id: releaseId(image, launch), image, launch, template: path })
}

/** The id of an image launched with settings of this digest. */
export function releaseId(image: ImageRef, launch: string): ReleaseId {
  return `r-${digest(`${formatImageRef(image)} ${launch}`).slice(0, 12)}`
}

/** Names everything that is launched beside the image. */
export function launchDigest(settings: JsonObject): string {
  return `sha256-${digest(canonical(settings))}`
}

/** The URL of the image that a template boots from; `undefined` when it boots from something else. */
export function bootImage({ disks = [] }: Properties): string | undefined {
  return disks.find(isBoot)?.initializeParams?.sourceImage
}

/** Everything that a template says beside the image that it boots from. */
export function settingsOf(properties: Properties): JsonObject {
  const disks = (properties.disks ?? []).map((one) => (isBoot(one) ? withoutImage(one) : one))
  return (pruned({ ...properties, disks }) ?? {}) as JsonObject
}

function withoutImage({ initializeParams = {}, ...disk }: AttachedDisk): AttachedDisk {
  const { sourceImage: _image, ...rest } = initializeParams
  return { ...disk, initializeParams: rest }
}

function isBoot({ boot }: AttachedDisk): boolean {
  return boot === true
}

/** Without what Google's client adds: a name for each choice that was made, and an empty list or map for each that was not sent. */
function pruned(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((one) => pruned(one) ?? {})
  if (!isObject(value)) return value ?? undefined
  const kept = Object.entries(value)
    .filter(([key]) => !key.startsWith('_'))
    .map(([key, one]) => [key, pruned(one)] as const)
    .filter(([, one]) => one !== undefined)
  return kept.length === 0 ? undefined : Object.fromEntries(kept)
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
