import { callFailed } from '../../core/errors.ts'
import {
  formatImageRef,
  imageRef,
  isImageAlias,
  parseImageRef,
  type ImageAlias,
  type ImageRef,
  type ImageScheme,
} from '../../core/image.ts'
import type { JsonObject } from '../../core/json.ts'
import type { FleetTarget, ReleaseRequest, ResolvedRelease } from '../../core/ports.ts'
import { releaseOf } from './groups.ts'
import { fleetOf, SCHEME, type Site } from './site.ts'

const BARE = /^img-[a-z0-9-]+$/

/** The world's images: `sim:anything`, and bare names such as `img-2`. */
export const schemes: readonly ImageScheme[] = Object.freeze([
  {
    scheme: SCHEME,
    check: (ref: ImageRef) => (ref.scope === undefined ? undefined : 'images of the simulation have no scope'),
    recognise: (text: string) => (BARE.test(text) ? { scheme: SCHEME, id: text } : undefined),
  },
])

/** See `FleetProvider.resolve`. */
export function resolve(site: Site, target: FleetTarget, { image: wanted, launch = {}, base }: ReleaseRequest): ResolvedRelease {
  fleetOf(site, target, 'resolve')
  const { image, alias } = identify(site, wanted, base.image)
  if (site.world.images.find(image.id) === undefined)
    throw callFailed('not-found', 'resolve', `There is no image ${formatImageRef(image)}.`, { native: 'ImageNotFound' })
  const settings: JsonObject = { ...site.templates.get(base.launch), ...launch }
  return {
    release: releaseOf(image, settings),
    ...(alias === undefined ? {} : { alias }),
    details: { labels: {}, provenance: {} },
    sealed: settings,
    obstacles: [],
  }
}

function identify(site: Site, wanted: ReleaseRequest['image'], base: ImageRef): { image: ImageRef; alias?: ImageAlias } {
  if (wanted === undefined) return { image: base }
  const alias = isImageAlias(wanted)
    ? wanted
    : typeof wanted === 'string' && site.settings.aliases[wanted] !== undefined
      ? { alias: wanted, kind: 'tag' }
      : undefined
  if (alias === undefined) return { image: typeof wanted === 'string' ? parseImageRef(wanted, schemes) : (wanted as ImageRef) }
  const id = site.settings.aliases[alias.alias]
  if (id !== undefined) return { image: imageRef({ scheme: SCHEME, id }), alias }
  const known = Object.keys(site.settings.aliases).join(', ') || 'none'
  throw callFailed('not-found', 'resolve', `There is no image name ${alias.alias}; there are: ${known}.`)
}
