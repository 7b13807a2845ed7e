import { callFailed } from '../../../src/core/errors.ts'
import { formatImageRef } from '../../../src/core/image.ts'
import type { Json } from '../../../src/core/json.ts'
import type { Release } from '../../../src/core/snapshot.ts'
import { releaseId } from '../launch/release.ts'
import { isWhole, launchDigest, type LaunchSettings } from '../launch/settings.ts'
import { hasTemplate, keepTemplate } from '../launch/templates.ts'
import type { ReleaseRecord } from './state.ts'
import type { World } from './world.ts'

/** Checks that a release can be launched and keeps its settings, before anything names it. */
export async function admitRelease(world: World, release: Release, sealed: Json, call: string): Promise<ReleaseRecord> {
  const { image, launch } = release
  if (release.id !== releaseId(image, launch)) {
    throw callFailed('invalid', call, `The release ${release.id} is not the digest of ${formatImageRef(image)} and ${launch}.`)
  }
  keepSettings(world, launch, sealed, call)
  const fault = await world.verify(image.id)
  if (fault !== undefined) throw callFailed('invalid', call, `The release ${release.id} cannot be launched: ${fault}.`)
  return { image, launch }
}

function keepSettings(world: World, launch: string, sealed: Json, call: string): void {
  if (sealed === null) {
    if (hasTemplate(world.paths.templates, launch)) return
    throw callFailed('not-found', call, `No launch settings ${launch} are kept here, and none were given.`)
  }
  const settings = sealed as unknown as LaunchSettings
  if (launchDigest(settings) !== launch)
    throw callFailed('invalid', call, `The launch settings that were given do not have the digest ${launch}.`)
  if (!isWhole(settings)) throw callFailed('invalid', call, `The launch settings ${launch} are not those of this imago.`)
  keepTemplate(world.paths.templates, settings)
}
