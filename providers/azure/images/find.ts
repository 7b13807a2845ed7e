import type { VirtualMachineImage } from '@azure/arm-compute'
import { rolloutError } from '../../../src/core/errors.ts'
import {
  detailsFrom,
  checkImageRef,
  isImageAlias,
  parseImageRef,
  type ImageAlias,
  type ImageDetails,
  type ImageRef,
} from '../../../src/core/image.ts'
import { newestInGallery, readGallery, type GalleryFound } from './gallery.ts'
import type { Lookup } from './lookup.ts'
import { newestInMarketplace, readMarketplace } from './marketplace.ts'
import {
  galleryIn,
  galleryOf,
  galleryRef,
  galleryScheme,
  isExplicit,
  marketplaceOf,
  marketplaceRef,
  marketplaceScheme,
} from './ref.ts'

/** The kinds of images that are understood. */
export const SCHEMES = [galleryScheme, marketplaceScheme] as const

/** An image as Azure describes it, where it is kept. */
export type Found =
  | { readonly kind: 'gallery'; readonly image: GalleryFound }
  | { readonly kind: 'marketplace'; readonly image: VirtualMachineImage }

/** An image by reference, text or alias. @throws RolloutError `image-invalid`, or `call-failed` of class `not-found`. */
export async function findImage(lookup: Lookup, image: string | ImageRef | ImageAlias): Promise<ImageRef> {
  if (isImageAlias(image)) return await resolveAlias(lookup, image)
  return typeof image === 'string' ? parseImageRef(image, SCHEMES) : checkImageRef(image, SCHEMES)
}

/** Everything that is known about an image. @throws RolloutError `call-failed` of class `not-found` when it is not there. */
export async function readImage(lookup: Lookup, ref: ImageRef): Promise<Found> {
  return ref.scheme === 'gallery'
    ? { kind: 'gallery', image: await readGallery(lookup, galleryOf(ref)) }
    : { kind: 'marketplace', image: await readMarketplace(lookup, marketplaceOf(ref)) }
}

/** What an image's tags and dates say about it. */
export function detailsOf({ kind, image }: Found): ImageDetails {
  return kind === 'gallery'
    ? detailsFrom(image.version.tags ?? {}, image.version.publishingProfile?.publishedDate?.getTime())
    : detailsFrom(image.tags ?? {}, undefined)
}

async function resolveAlias(lookup: Lookup, { alias, kind }: ImageAlias): Promise<ImageRef> {
  if (kind === 'gallery-image') {
    const definition = galleryIn(alias)
    if (definition !== undefined && definition.version === undefined)
      return galleryRef(definition, await newestInGallery(lookup, definition))
  }
  const [publisher, offer, sku, ...rest] = alias.split(':')
  if (kind === 'marketplace-image' && publisher !== undefined && offer !== undefined && sku !== undefined && rest.length === 0)
    return marketplaceRef({ publisher, offer, sku, version: await newestInMarketplace(lookup, { publisher, offer, sku }) })
  throw rolloutError('image-invalid', `"${alias}" is no ${kind} of Azure.`, {
    image: alias,
    why: 'a gallery-image is the resource id of an image definition, a marketplace-image is publisher:offer:sku',
  })
}

/** A reference as a scale set or an instance has it. */
export interface NativeReference {
  readonly id?: string
  readonly publisher?: string
  readonly offer?: string
  readonly sku?: string
  readonly version?: string
  /** What `latest` was when the instance was made. */
  readonly exactVersion?: string
}

/** How a model names an image. */
export function referenceOf(image: ImageRef): Readonly<Record<string, string>> {
  if (image.scheme === 'gallery') {
    const { subscription, resourceGroup, gallery, definition, version } = galleryOf(image)
    const place = `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.Compute`
    return { id: `${place}/galleries/${gallery}/images/${definition}/versions/${version}` }
  }
  const { publisher, offer, sku, version } = marketplaceOf(image)
  return { publisher, offer, sku, version }
}

/** The image that a reference names; `undefined` when it says `latest`, or is of a kind that is not understood. */
export function refOf({ id, publisher, offer, sku, version, exactVersion }: NativeReference): ImageRef | undefined {
  const kept = id === undefined ? undefined : galleryIn(id)
  const said = [kept?.version, version, exactVersion].find(isExplicit)
  if (said === undefined) return undefined
  if (kept !== undefined) return galleryRef(kept, said)
  if (publisher === undefined || offer === undefined || sku === undefined) return undefined
  return marketplaceRef({ publisher, offer, sku, version: said })
}

/**
 * The image that a model launches next, `latest` resolved to what it is now.
 *
 * @returns `undefined` for a kind of image that is not understood.
 * @throws RolloutError `call-failed` of class `not-found`.
 */
export async function launchedBy(lookup: Lookup, reference: NativeReference): Promise<ImageRef | undefined> {
  // The exact version of a model is what `latest` was when it was written, and not what it is by now.
  const { exactVersion: _then, ...lasting } = reference
  const said = refOf(lasting)
  if (said !== undefined) return said
  const { id, publisher, offer, sku } = reference
  const kept = id === undefined ? undefined : galleryIn(id)
  if (kept !== undefined) return galleryRef(kept, await newestInGallery(lookup, kept))
  if (publisher === undefined || offer === undefined || sku === undefined) return undefined
  return marketplaceRef({ publisher, offer, sku, version: await newestInMarketplace(lookup, { publisher, offer, sku }) })
}
