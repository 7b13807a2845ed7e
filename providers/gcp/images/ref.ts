import type { ImageAlias, ImageRef, ImageScheme } from '../../../src/core/image.ts'
import { PROJECT } from '../sdk/access.ts'
import { nameIn, pathOf, valueIn } from '../sdk/urls.ts'

const ID = /^[0-9]{1,20}$/

/** Images of Compute Engine, `gce:web-prod/6864121747226459524`, by the number that no other image ever has; a name may be given again. */
export const gceScheme: ImageScheme = {
  scheme: 'gce',
  check({ id, scope, digest }) {
    if (!ID.test(id))
      return 'the id of an image of Compute Engine is its number; imageName() is for one that is known by its name'
    if (digest !== undefined) return 'an image of Compute Engine has no digest'
    return scope === undefined || !PROJECT.test(scope) ? `an image is of a project: gce:my-project/${id}` : undefined
  },
  recognise: () => undefined,
}

/** The reference of an image of a project. */
export function gceRef(project: string, id: string): ImageRef {
  return Object.freeze({ scheme: 'gce', scope: project, id })
}

/** The image that a family stands for: its newest one that is not deprecated. Resolved once, when a plan is made. */
export function imageFamily(options: { readonly project: string; readonly family: string }): ImageAlias {
  return Object.freeze({ alias: `${options.project}/${options.family}`, kind: 'image-family' })
}

/** The image of a name, which may be another one tomorrow: it can be deleted, and made anew from something else. */
export function imageName(options: { readonly project: string; readonly name: string }): ImageAlias {
  return Object.freeze({ alias: `${options.project}/${options.name}`, kind: 'image-name' })
}

const IMAGE_PATH = /^(?:https?:\/\/.*\/)?projects\/([^/]+)\/global\/images\/(?:family\/)?[a-z][a-z0-9-]*$/

/** The family or name that a URL or path of Compute Engine tells, as people copy it from elsewhere; `undefined` for any other text. */
export function aliasIn(text: string): ImageAlias | undefined {
  const project = IMAGE_PATH.exec(text)?.[1]
  if (project === undefined) return undefined
  return isFamily(text) ? imageFamily({ project, family: nameIn(text) }) : imageName({ project, name: nameIn(text) })
}

/** Whether the URL of an image names a family, which stands for another image tomorrow. */
export function isFamily(url: string): boolean {
  return url.includes('/images/family/')
}

/** The project of an image by its URL; one that names none is of this project. */
export function projectOf(url: string, project: string): string {
  return valueIn(pathOf(url, project), 'projects') ?? project
}
