import type { FleetProvider, ReleaseRequest, ResolvedRelease } from '../../src/core/ports.ts'
import { isImageAlias, parseImageRef, type ImageAlias, type ImageRef } from '../../src/core/image.ts'
import type { Json } from '../../src/core/json.ts'
import { join } from 'node:path'
import type { LocalClient } from './client/client.ts'
import { commandObstacles } from './images/obstacles.ts'
import { localScheme } from './images/ref.ts'
import { imageVerifier, readImage, resolveTag } from './images/store.ts'
import { releaseId } from './launch/release.ts'
import { changeLaunch, launchDigest } from './launch/settings.ts'
import { hasTemplate, readTemplate } from './launch/templates.ts'
import type { LocalPaths } from './paths.ts'

/** The fleet provider of a local cloud. Makes no I/O until it is called. */
export function createProvider(client: LocalClient): FleetProvider {
  return {
    contract: 1,
    kind: 'local',
    schemes: [localScheme],
    resolve: (_target, request) => resolve(client.paths, request),
    describe: (target, context) => client.read('fleet.describe', { target }, context),
    ensureGroup: (target, request, context) => client.write('fleet.ensure-group', { target, request }, context),
    resize: (target, group, sizes, version, context) =>
      client.write('fleet.resize', { target, group, sizes, version: version ?? null }, context),
    remove: (target, group, instances, sizesAfter, context) =>
      client.write('fleet.remove', { target, group, instances, sizesAfter }, context),
    hold: (target, group, hold, min, context) => client.write('fleet.hold', { target, group, hold, min: min ?? null }, context),
    release: (target, group, kind, owner, context) => client.write('fleet.release', { target, group, kind, owner }, context),
    retire: (target, group, context) => client.write('fleet.retire', { target, group }, context),
  }
}

/** An image by reference, by text or by tag. @throws RolloutError `image-invalid`, or `call-failed` of class `not-found`. */
export async function findImage(paths: LocalPaths, image: string | ImageRef | ImageAlias): Promise<ImageRef> {
  if (isImageAlias(image)) return await resolveTag(paths, image)
  return typeof image === 'string' ? parseImageRef(image, [localScheme]) : image
}

/** Reads the store and nothing else; the settings are kept by the daemon only once a group needs them. */
async function resolve(paths: LocalPaths, { image: wanted, launch: changes, base }: ReleaseRequest): Promise<ResolvedRelease> {
  const image = await findImage(paths, wanted ?? base.image)
  const { labels, provenance } = await readImage(paths, image.id)
  const before = readTemplate(paths.templates, base.launch)
  const settings = changes === undefined ? before : changeLaunch(before, changes)
  const launch = launchDigest(settings)
  const tampered = await imageVerifier(paths)(image.id)
  return {
    release: {
      id: releaseId(image, launch),
      image,
      launch,
      ...(hasTemplate(paths.templates, launch) ? { template: launch } : {}),
    },
    ...(isImageAlias(wanted) ? { alias: wanted } : {}),
    details: { labels, provenance },
    sealed: settings as unknown as Json,
    obstacles: [...(tampered === undefined ? [] : [tampered]), ...commandObstacles(join(paths.images, image.id), settings)],
  }
}
