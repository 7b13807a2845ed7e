import type { ImageAlias, ImageRef, ImageScheme } from '../../../src/core/image.ts'

/** A version in a gallery, by the parts of its resource id. Azure's names are the same in upper and lower case: here they are lower. */
export interface GalleryVersion {
  readonly subscription: string
  readonly resourceGroup: string
  readonly gallery: string
  readonly definition: string
  readonly version: string
}

/** A version in the marketplace. */
export interface MarketplaceVersion {
  readonly publisher: string
  readonly offer: string
  readonly sku: string
  readonly version: string
}

const DEFINITION =
  /^\/subscriptions\/([^/]+)\/resourcegroups\/([^/]+)\/providers\/microsoft\.compute\/galleries\/([^/]+)\/images\/([^/]+)(?:\/versions\/([^/]+))?$/
const EXPLICIT = /^\d+(?:\.\d+)+$/
const URN = /^([^:/@\s]+):([^:/@\s]+):([^:/@\s]+):(\d+(?:\.\d+)+)$/

/** Versions in galleries: `gallery:<subscription>/<resource group>/<gallery>/<definition>/1.2.3`, or the version's resource id. */
export const galleryScheme: ImageScheme = {
  scheme: 'gallery',
  check: ({ id, scope = '', digest }) => {
    if (digest !== undefined) return 'a version in a gallery has no digest'
    if (!EXPLICIT.test(id)) return `the version is three numbers, 1.2.3, and not ${id}`
    if (scope.split('/').length === 4) return undefined
    return 'a version is of a subscription, a resource group, a gallery and a definition: gallery:<subscription>/<group>/<gallery>/<definition>/1.2.3'
  },
  recognise: (text) => {
    const found = galleryIn(text)
    return found?.version === undefined || !EXPLICIT.test(found.version) ? undefined : galleryRef(found, found.version)
  },
}

/** Versions in the marketplace: `marketplace:<publisher>/<offer>/<sku>/1.2.3`, or the URN `publisher:offer:sku:1.2.3`. */
export const marketplaceScheme: ImageScheme = {
  scheme: 'marketplace',
  check: ({ id, scope = '', digest }) => {
    if (digest !== undefined) return 'a version in the marketplace has no digest'
    if (!EXPLICIT.test(id)) return `the version is numbers, 24.04.202511010, and not ${id}`
    if (scope.split('/').length === 3) return undefined
    return 'a version is of a publisher, an offer and a SKU: marketplace:<publisher>/<offer>/<sku>/24.04.202511010'
  },
  recognise: (text) => {
    const [, publisher, offer, sku, version] = URN.exec(text) ?? []
    if (publisher === undefined || offer === undefined || sku === undefined || version === undefined) return undefined
    return marketplaceRef({ publisher, offer, sku, version })
  },
}

/** A definition, and what is said of the version, in a resource id; `undefined` when it is not one of a gallery. */
export function galleryIn(id: string): (Omit<GalleryVersion, 'version'> & { readonly version?: string }) | undefined {
  const [, subscription, resourceGroup, gallery, definition, version] = DEFINITION.exec(id.toLowerCase()) ?? []
  if (subscription === undefined || resourceGroup === undefined || gallery === undefined || definition === undefined)
    return undefined
  return { subscription, resourceGroup, gallery, definition, ...(version === undefined ? {} : { version }) }
}

/** The reference of a version in a gallery. */
export function galleryRef(
  { subscription, resourceGroup, gallery, definition }: Omit<GalleryVersion, 'version'>,
  version: string,
): ImageRef {
  return Object.freeze({ scheme: 'gallery', scope: `${subscription}/${resourceGroup}/${gallery}/${definition}`, id: version })
}

/** The reference of a version in the marketplace. */
export function marketplaceRef({ publisher, offer, sku, version }: MarketplaceVersion): ImageRef {
  return Object.freeze({ scheme: 'marketplace', scope: `${publisher}/${offer}/${sku}`.toLowerCase(), id: version })
}

/** The parts of a reference of {@link galleryScheme}. */
export function galleryOf({ scope = '', id }: ImageRef): GalleryVersion {
  const [subscription = '', resourceGroup = '', gallery = '', definition = ''] = scope.split('/')
  return { subscription, resourceGroup, gallery, definition, version: id }
}

/** The parts of a reference of {@link marketplaceScheme}. */
export function marketplaceOf({ scope = '', id }: ImageRef): MarketplaceVersion {
  const [publisher = '', offer = '', sku = ''] = scope.split('/')
  return { publisher, offer, sku, version: id }
}

/** Whether a version says which one, and not `latest`. */
export function isExplicit(version: string | undefined): version is string {
  return version !== undefined && EXPLICIT.test(version)
}

/**
 * The highest version of an image definition in a gallery that is not excluded from latest and is replicated to the region of the scale
 * set; resolved once, when a plan is made.
 *
 * @param definition its resource id, `/subscriptions/…/resourceGroups/…/providers/Microsoft.Compute/galleries/…/images/…`.
 */
export function galleryImage(definition: string): ImageAlias {
  return Object.freeze({ alias: definition, kind: 'gallery-image' })
}

/**
 * The highest version of an image in the marketplace, in the region of the scale set; resolved once, when a plan is made.
 *
 * @param image its URN without a version, `Canonical:ubuntu-24_04-lts:server`.
 */
export function marketplaceImage(image: string): ImageAlias {
  return Object.freeze({ alias: image, kind: 'marketplace-image' })
}
