import { callFailed } from '../../src/core/errors.ts'
import { isImageAlias } from '../../src/core/image.ts'
import type { Json, JsonObject } from '../../src/core/json.ts'
import type { FleetTarget, ReleaseRequest, ResolvedRelease } from '../../src/core/ports.ts'
import { cloneObstacles, inPlaceObstacles, instanceTagObstacles } from './clone/obstacles.ts'
import { treat } from './clone/treatment.ts'
import type { AutoScalingGroup } from './fleet/group.ts'
import { findGroups } from './fleet/groups.ts'
import { detailsOf, findImage, readImage, type Ami } from './images/find.ts'
import { obstaclesOf } from './images/obstacles.ts'
import { LAUNCH } from './launch/launch-table.ts'
import { launchRefusal } from './launch/permission.ts'
import { launchDigest, releaseId } from './launch/release.ts'
import { changeLaunch } from './launch/settings.ts'
import { parseKey, type LaunchData } from './launch/templates.ts'
import type { Region } from './region.ts'

/** An image and launch settings as one release: checked against the fleet, and nothing written. */
export async function resolve(
  region: Region,
  target: FleetTarget,
  { image: wanted, launch: changes, base }: ReleaseRequest,
  signal: AbortSignal,
): Promise<ResolvedRelease> {
  const { caller, templates } = region
  const lookup = { caller, region: region.name, signal }
  const image = await findImage(lookup, wanted ?? base.image)
  const key = base.template ?? ''
  const kept = (await templates.read([parseKey(key)], signal)).get(key)
  if (kept === undefined) throw callFailed('not-found', 'resolve', `The launch template version ${key} of ${base.id} is gone.`)
  const [ami, { groups }] = await Promise.all([readImage(lookup, image.id), findGroups(region, target, signal)])
  const data = changed(kept.data, changes)
  const launch = launchDigest(data)
  const refusal = await launchRefusal(caller, kept, image.id, signal)
  const judged = target.placement.kind === 'slots' ? groups : groups.slice(0, 1)
  const obstacles = await Promise.all(judged.map((group) => allObstacles(region, target, ami, data, group, signal)))
  return {
    release: {
      id: releaseId(image.id, launch),
      image,
      launch,
      ...(image.id === kept.data.ImageId && changes === undefined ? { template: key } : {}),
    },
    ...(isImageAlias(wanted) ? { alias: wanted } : {}),
    details: detailsOf(ami),
    sealed: { base: key, changes: changes ?? {} } as Json,
    obstacles: [...launchObstacles(data), ...obstacles.flat(), ...(refusal === undefined ? [] : [refusal])],
  }
}

/** Of the image, and of the group that is to be cloned or rolled in place. */
async function allObstacles(
  region: Region,
  { placement }: FleetTarget,
  image: Ami,
  data: LaunchData,
  group: AutoScalingGroup,
  signal: AbortSignal,
): Promise<string[]> {
  const [ofImage, ofGroup] = await Promise.all([
    obstaclesOf(region.caller, image, data, group, signal),
    placement.kind === 'clone' ? cloneObstacles(region, group, signal) : inPlaceObstacles(group),
  ])
  return [...ofImage, ...ofGroup, ...instanceTagObstacles(group, data)]
}

/** What no launch template that is made can have. */
function launchObstacles(data: LaunchData): string[] {
  return treat(data, LAUNCH).refusals.map(({ member, why }) => `the launch template cannot be made anew: ${member}: ${why}`)
}

function changed(data: LaunchData, changes: JsonObject | undefined): LaunchData {
  return changes === undefined ? data : changeLaunch(data, changes)
}
