import { callFailed } from '../../src/core/errors.ts'
import { sameImage } from '../../src/core/image.ts'
import type { Json } from '../../src/core/json.ts'
import type { FleetTarget, ReleaseRequest, ResolvedRelease } from '../../src/core/ports.ts'
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
  const key = base.template ?? ''
  const kept = (await readTemplates(place, [key], signal)).get(key)?.template.properties
  if (kept === undefined) throw callFailed('not-found', 'resolve', `The instance template ${key} of ${base.id} is gone.`)
  const { groups } = await findGroups(place, target, signal)
  const before = settingsOf(kept)
  const settings = changes === undefined ? before : changeLaunch(before, changes)
  const launch = launchDigest(settings)
  const [zone = place.location] = groups.flatMap((one) => zonesOf(place, one))
  const boots = bootImage(kept)
  const isKept = changes === undefined && boots !== undefined && sameImage(ref, await imageAt(lookup, boots, project))
  return {
    release: { id: releaseId(ref, launch), image: ref, launch, ...(isKept ? { template: key } : {}) },
    ...(alias === undefined ? {} : { alias }),
    details: detailsOf(image),
    sealed: { base: key, changes: changes ?? {} } as Json,
    obstacles: await obstaclesOf({ caller, project, zone, properties: settings as Properties }, image, signal),
  }
}
