import { rolloutError } from '../../../src/core/errors.ts'
import {
  detailsFrom,
  isImageAlias,
  parseImageRef,
  type ImageAlias,
  type ImageDetails,
  type ImageRef,
} from '../../../src/core/image.ts'
import type { Caller } from '../sdk/caller.ts'
import type { Image } from '../sdk/resources.ts'
import { nameIn } from '../sdk/urls.ts'
import { aliasIn, gceRef, gceScheme, projectOf } from './ref.ts'

/** What finding an image needs. */
export interface Lookup {
  readonly caller: Caller
  readonly signal: AbortSignal
}

/** An image that is there: its identity, and all that Compute Engine knows about it. */
export interface FoundImage {
  readonly ref: ImageRef
  readonly image: Image
  /** The mutable name that was given. @default - an identity was */
  readonly alias?: ImageAlias
}

/** An image by reference, text or alias. @throws RolloutError `image-invalid`, or `call-failed` of class `not-found`. */
export async function findImage(lookup: Lookup, given: string | ImageRef | ImageAlias): Promise<FoundImage> {
  const wanted = typeof given === 'string' ? (aliasIn(given) ?? parseImageRef(given, [gceScheme])) : given
  if (isImageAlias(wanted)) return { ...(await resolveAlias(lookup, wanted)), alias: wanted }
  return { ref: wanted, image: await readImage(lookup, wanted.scope ?? '', wanted.id) }
}

/** The image that a template names by its URL, as of now. @throws RolloutError `call-failed` of class `not-found`. */
export async function imageAt(lookup: Lookup, url: string, home: string): Promise<ImageRef> {
  const project = projectOf(url, home)
  const { id } = await readImage(lookup, project, nameIn(url))
  return gceRef(project, String(id))
}

/** What an image's labels and dates say about it. */
export function detailsOf({ labels = {}, creationTimestamp: created }: Image): ImageDetails {
  return detailsFrom({ ...labels }, created === undefined ? undefined : Date.parse(created))
}

/** By its name or its number: Compute Engine takes either where a resource is named. */
function readImage({ caller, signal }: Lookup, project: string, image: string): Promise<Image> {
  return caller.call('images.get', { project, image }, signal)
}

async function resolveAlias(lookup: Lookup, { alias, kind }: ImageAlias): Promise<FoundImage> {
  const [project = '', name = ''] = alias.split('/')
  const image = await (kind === 'image-family'
    ? lookup.caller.call('images.getFromFamily', { project, family: name }, lookup.signal)
    : kind === 'image-name'
      ? readImage(lookup, project, name)
      : unknownKind(alias, kind))
  return { ref: gceRef(project, String(image.id)), image }
}

function unknownKind(alias: string, kind: string): never {
  throw rolloutError('image-invalid', `Compute Engine has no image names of the kind ${kind}.`, {
    image: alias,
    why: 'the kinds are image-family and image-name',
  })
}
