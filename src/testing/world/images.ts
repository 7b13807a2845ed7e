/** What machines of an image do. */
export type ImageBehaviour =
  | { readonly kind: 'good' }
  /** It starts, and never answers. */
  | { readonly kind: 'never-healthy' }
  /** It ends before it is ready, every time. */
  | { readonly kind: 'boot-loop' }
  /** It is well until it has had traffic for this long. */
  | { readonly kind: 'dies-under-traffic'; readonly afterMs: number }
  /** It looks well and fails this share of its requests, from 0 to 1. */
  | { readonly kind: 'errors-under-traffic'; readonly share: number }

/** The images of a world. */
export interface Images {
  /** Registers an image, or gives a known one another behaviour. */
  publish(image: string, behaviour: ImageBehaviour): void
  /** Nothing can be launched from it any more; what runs goes on. */
  withdraw(image: string): void
  /** Undoes {@link withdraw}. */
  restore(image: string): void
  /** The behaviour of an image that can be launched; `undefined` when it cannot. */
  find(image: string): ImageBehaviour | undefined
}

/** No images yet. */
export function createImages(record: (what: string) => void): Images {
  const published = new Map<string, ImageBehaviour>()
  const withdrawn = new Set<string>()
  return {
    publish(image, behaviour) {
      published.set(image, behaviour)
      record(`image ${image} published: ${behaviour.kind}`)
    },
    withdraw(image) {
      if (!published.has(image) || withdrawn.has(image)) return
      withdrawn.add(image)
      record(`image ${image} withdrawn`)
    },
    restore(image) {
      if (withdrawn.delete(image)) record(`image ${image} published again`)
    },
    find: (image) => (withdrawn.has(image) ? undefined : published.get(image)),
  }
}
