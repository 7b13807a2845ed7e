import { rolloutError } from './errors.ts'

/**
 * The immutable identity of a machine image: a frozen value with one string form, `scheme:[scope/]id[@digest]`.
 *
 * Two images are the same exactly when their string forms are the same ({@link formatImageRef}).
 */
export interface ImageRef {
  /** Which kind of image this is: `ami`, `gce`, `local`, … A scheme is registered by the provider that knows it. */
  readonly scheme: string
  /** The provider's own immutable id. */
  readonly id: string
  /** Where the id means something: a region, a project. @default - the id means the same everywhere */
  readonly scope?: string
  /** A digest of the content, `sha256-…`, where the provider has one. @default - none */
  readonly digest?: string
}

/** A name that may point to another image tomorrow (`latest`, a family, a tag). Resolved once, when a plan is made. */
export interface ImageAlias {
  readonly alias: string
  /** The kind of name, as its provider calls it: `tag`, `family`, `ssm-parameter`. */
  readonly kind: string
}

/** What a provider registers about one kind of image. */
export interface ImageScheme {
  readonly scheme: string
  /** Says why a reference of this scheme is malformed; `undefined` when it is well formed. */
  check(ref: ImageRef): string | undefined
  /** Understands a bare id (`ami-0fed…`) without a scheme; `undefined` when it is not one of this scheme. */
  recognise(text: string): ImageRef | undefined
}

/** What is known about an image beside its identity. Never part of the comparison. */
export interface ImageDetails {
  readonly labels: Readonly<Record<string, string>>
  readonly provenance: ImageProvenance
}

/** Where an image came from, as far as its builder said so. */
export interface ImageProvenance {
  readonly sourceCommit?: string
  readonly buildId?: string
  readonly builder?: string
  /** Epoch milliseconds. */
  readonly createdAt?: number
}

/** What labels and a date say of an image: whoever builds it may label it with `source-commit`, `build-id` and `builder`. */
export function detailsFrom(labels: Readonly<Record<string, string>>, createdAt: number | undefined): ImageDetails {
  const { 'source-commit': sourceCommit, 'build-id': buildId, builder } = labels
  return {
    labels,
    provenance: {
      ...(sourceCommit === undefined ? {} : { sourceCommit }),
      ...(buildId === undefined ? {} : { buildId }),
      ...(builder === undefined ? {} : { builder }),
      ...(createdAt === undefined ? {} : { createdAt }),
    },
  }
}

const FORM =
  /^(?<scheme>[a-z][a-z0-9-]*):(?:(?<scope>[^/@\s]+(?:\/[^/@\s]+)*)\/)?(?<id>[^/@\s]+)(?:@(?<digest>[a-z0-9]+-[A-Za-z0-9+=_-]+))?$/

/** Makes a frozen {@link ImageRef}. @throws RolloutError `image-invalid` when a part cannot stand in the string form. */
export function imageRef(parts: ImageRef): ImageRef {
  const { scheme, id, scope, digest } = parts
  const ref: ImageRef = Object.freeze({
    scheme,
    id,
    ...(scope === undefined ? {} : { scope }),
    ...(digest === undefined ? {} : { digest }),
  })
  const text = formatImageRef(ref)
  const again = FORM.exec(text)?.groups
  if (again?.['scheme'] !== scheme || again['id'] !== id || again['scope'] !== scope || again['digest'] !== digest)
    throw malformed(text)
  return ref
}

/**
 * Reads the string form, or a bare id that one of the schemes recognises.
 *
 * @throws RolloutError `image-invalid` for a malformed text, an unknown scheme, or parts that the scheme refuses.
 */
export function parseImageRef(text: string, schemes: readonly ImageScheme[]): ImageRef {
  for (const scheme of schemes) {
    const bare = scheme.recognise(text)
    if (bare !== undefined) return imageRef(bare)
  }
  const parts = FORM.exec(text)?.groups
  if (parts === undefined) throw malformed(text)
  const scheme = schemes.find((one) => one.scheme === parts['scheme'])
  if (scheme === undefined) throw malformed(text, `schemes known here: ${schemes.map((one) => one.scheme).join(', ') || 'none'}`)
  const ref = imageRef(parts as unknown as ImageRef)
  const fault = scheme.check(ref)
  if (fault !== undefined) throw malformed(text, fault)
  return ref
}

/**
 * The same for a reference that was given as a value.
 *
 * @throws RolloutError `image-invalid` for what has no string form, an unknown scheme, or parts that the scheme refuses.
 */
export function checkImageRef(ref: ImageRef, schemes: readonly ImageScheme[]): ImageRef {
  return parseImageRef(formatImageRef(imageRef(ref)), schemes)
}

/** The one string form: `ami:eu-west-1/ami-0fed…`, `local:sha256-…`. */
export function formatImageRef(ref: ImageRef): string {
  return `${ref.scheme}:${ref.scope === undefined ? '' : `${ref.scope}/`}${ref.id}${ref.digest === undefined ? '' : `@${ref.digest}`}`
}

/** Whether two references name the same image. */
export function sameImage(a: ImageRef, b: ImageRef): boolean {
  return a.scheme === b.scheme && a.id === b.id && a.scope === b.scope && a.digest === b.digest
}

/** Whether a value is a mutable name rather than an identity. */
export function isImageAlias(value: unknown): value is ImageAlias {
  return typeof value === 'object' && value !== null && 'alias' in value && 'kind' in value
}

function malformed(text: string, why = 'the form is scheme:[scope/]id[@digest]') {
  return rolloutError('image-invalid', `"${text}" is not an image reference: ${why}.`, { image: text, why })
}
