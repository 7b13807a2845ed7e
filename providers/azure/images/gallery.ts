import type { GalleryImage, GalleryImageVersion } from '@azure/arm-compute'
import { callFailed } from '../../../src/core/errors.ts'
import { highest, locationOf, type Lookup } from './lookup.ts'
import type { GalleryVersion } from './ref.ts'

/** A version in a gallery, with the definition that it is one of. */
export interface GalleryFound {
  readonly version: GalleryImageVersion
  readonly definition: GalleryImage
}

/** Reads a version and how far it is replicated. @throws RolloutError `call-failed`, `not-found` when it was deleted. */
export async function readGallery({ caller, signal }: Lookup, image: GalleryVersion): Promise<GalleryFound> {
  const { subscription, resourceGroup, gallery, definition, version } = image
  const [found, of] = await Promise.all([
    caller.call({ name: 'galleryImageVersions.get', signal, subscription }, (client, options) =>
      client.galleryImageVersions.get(resourceGroup, gallery, definition, version, { ...options, expand: 'ReplicationStatus' }),
    ),
    caller.call({ name: 'galleryImages.get', signal, subscription }, (client, options) =>
      client.galleryImages.get(resourceGroup, gallery, definition, options),
    ),
  ])
  return { version: found, definition: of }
}

/**
 * What `latest` of a definition stands for now: the highest version that was made, is not excluded, and is replicated to the region.
 *
 * @throws RolloutError `call-failed` of class `not-found` when there is none.
 */
export async function newestInGallery(
  { caller, location, signal }: Lookup,
  { subscription, resourceGroup, gallery, definition }: Omit<GalleryVersion, 'version'>,
): Promise<string> {
  const all = await caller.list({ name: 'galleryImageVersions.listByGalleryImage', signal, subscription }, (client, options) =>
    client.galleryImageVersions.listByGalleryImage(resourceGroup, gallery, definition, options),
  )
  const newest = highest(all.filter((one) => isLatest(one, location)).map((one) => one.name ?? ''))
  if (newest !== undefined) return newest
  throw callFailed(
    'not-found',
    'galleryImageVersions.listByGalleryImage',
    `The image ${gallery}/${definition} has no version in ${location} that may be its latest, of ${all.length} in all.`,
  )
}

function isLatest({ provisioningState, publishingProfile: published }: GalleryImageVersion, location: string): boolean {
  const region = published?.targetRegions?.find((one) => locationOf(one.name) === location)
  if (provisioningState !== 'Succeeded' || region === undefined) return false
  return published?.excludeFromLatest !== true && region.excludeFromLatest !== true
}
