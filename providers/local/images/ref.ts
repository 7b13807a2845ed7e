import type { ImageAlias, ImageRef, ImageScheme } from '../../../src/core/image.ts'

const ID = /^sha256-[0-9a-f]{64}$/

/** Images of the local cloud: `local:sha256-…`, named by what is in them. */
export const localScheme: ImageScheme = {
  scheme: 'local',
  check: (ref) => {
    if (!ID.test(ref.id)) return 'a local image is named by the digest of its folder, sha256- and 64 hex digits'
    return ref.scope === undefined && ref.digest === undefined
      ? undefined
      : 'a local image has neither scope nor digest beside its id'
  },
  recognise: (text) => (ID.test(text) ? { scheme: 'local', id: text } : undefined),
}

/** A tag of the local image store, such as `tag('web:latest')`: resolved once, when a plan is made. */
export function tag(name: string): ImageAlias {
  return Object.freeze({ alias: name, kind: 'tag' })
}

/** The reference of an image by its id. */
export function localRef(id: string): ImageRef {
  return Object.freeze({ scheme: 'local', id })
}
