import { callFailed, unlessAbsent } from '../../src/core/errors.ts'
import { sameImage } from '../../src/core/image.ts'
import type { Json } from '../../src/core/json.ts'
import type { FleetTarget, ReleaseRequest, ResolvedRelease } from '../../src/core/ports.ts'
import type { Release } from '../../src/core/snapshot.ts'
import { findGroups } from './fleet/groups.ts'
import { detailsOf, findImage, imageAt } from './images/find.ts'
import { obstaclesOf } from './images/obstacles.ts'
import { bootImage, launchDigest, releaseId, settingsOf } from './launch/release.ts'
import { changeLaunch } from './launch/settings.ts'
import { readTemplates } from './launch/templates.ts'
import type { Place } from './place.ts'
import type { Properties } from './sdk/resources.ts'
import { zonesOf } from './where.ts'

/** An image and launch settings as one release: checked against the fleet, and nothing written. */
export async function resolve(
  place: Place,
  target: FleetTarget,
  { image: wanted, launch: changes, base }: ReleaseRequest,
  signal: AbortSignal,
): Promise<ResolvedRelease> {
  const { caller, project } = place
  const lookup = { caller, signal }
  const { ref, image, alias } = await findImage(lookup, wanted ?? base.image)
  const kept = await keptBy(place, base, signal)
  const { groups } = await findGroups(place, target, signal)
  const before = settingsOf(kept)
  const settings = changes === undefined ? before : changeLaunch(before, changes)
  const launch = launchDigest(settings)
  const [zone = place.location] = groups.flatMap((one) => zonesOf(place, one))
  const boots = bootImage(kept)
  const booted = boots === undefined ? undefined : await imageAt(lookup, boots, project).catch(unlessAbsent)
  const isKept = changes === undefined && booted !== undefined && sameImage(ref, booted)
  return {
    release: { id: releaseId(ref, launch), image: ref, launch, ...(isKept ? { template: base.template! } : {}) },
    ...(alias === undefined ? {} : { alias }),
    details: detailsOf(image),
    sealed: { base: base.template, changes: changes ?? {} } as Json,
    obstacles: await obstaclesOf({ caller, project, zone, properties: settings }, image, signal),
  }
}

/** The launch settings of a release. @throws RolloutError `call-failed` of class `not-found` where nothing keeps them any more. */
async function keptBy(place: Place, { id, template = '' }: Release, signal: AbortSignal): Promise<Properties> {
  const found = template === '' ? undefined : (await readTemplates(place, [template], signal)).get(template)
  if (found !== undefined) return found.template.properties ?? {}
  throw callFailed('not-found', 'resolve', `The instance template ${template} of ${id} is gone.`)
}
