import { rolloutError, unlessAbsent } from '../../../src/core/errors.ts'
import type { ImageRef } from '../../../src/core/image.ts'
import type { Release } from '../../../src/core/snapshot.ts'
import { imageAt } from '../images/find.ts'
import { isFamily } from '../images/ref.ts'
import type { Where } from '../where.ts'
import { bootImage, releaseOf } from './release.ts'
import type { FoundTemplate } from './templates.ts'

/** What templates launch, and what their instances were launched from. */
export interface Releases {
  /** What a template launches now, by its path; `undefined` for a template that is gone. @throws RolloutError `unsupported` where that cannot be told. */
  launchedBy(path: string): Release | undefined
  /** What an instance of a template runs, which boots from this image. */
  runBy(path: string, image: ImageRef | undefined): Release | undefined
  /** All that were told. */
  readonly told: ReadonlyMap<string, Release>
}

/**
 * Looks up the images that templates name. Each time: a name may stand for another image by now, and then what is launched from now on is
 * another release than what runs. Of an image that is gone what runs still tells which one it was.
 *
 * @param running images that instances boot from, by the path of their template.
 */
export async function readReleases(
  { caller, project }: Where,
  templates: ReadonlyMap<string, FoundTemplate>,
  running: ReadonlyMap<string, ImageRef>,
  signal: AbortSignal,
): Promise<Releases> {
  const urls = new Set([...templates.values()].map(bootOf))
  const read = async (url: string) => [url, await imageAt({ caller, signal }, url, project).catch(unlessAbsent)] as const
  const images = new Map(await Promise.all([...urls].map(read)))
  const told = new Map<string, Release>()
  const tell = (template: FoundTemplate, image: ImageRef) => {
    const release = releaseOf(template, image)
    told.set(release.id, release)
    return release
  }
  const launchedBy = (path: string) => {
    const template = templates.get(path)
    if (template === undefined) return undefined
    const url = bootOf(template)
    const image = images.get(url) ?? running.get(path)
    if (image === undefined) throw unusable(path, `launches from ${url}, an image that is gone, and nothing runs from it`)
    return tell(template, image)
  }
  return {
    launchedBy,
    runBy(path, image) {
      const template = templates.get(path)
      return template === undefined || image === undefined ? launchedBy(path) : tell(template, image)
    },
    told,
  }
}

/** The image that a template boots from. @throws RolloutError `unsupported` where it does not say one. */
function bootOf({ path, template }: FoundTemplate): string {
  const url = bootImage(template.properties ?? {})
  if (url === undefined || url === '') throw unusable(path, 'boots from no image')
  if (isFamily(url)) throw unusable(path, `boots from the family ${url}, which may stand for another image at each launch`)
  return url
}

/** What cannot be told of a group or a template that a fleet needs. */
export function unusable(what: string, why: string) {
  const problems = [
    { path: what, found: why, allowed: 'templates that boot from an image by its name, and images that are there' },
  ]
  return rolloutError('unsupported', `${what} ${why}; nothing was touched.`, { problems })
}
