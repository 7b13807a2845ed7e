import { callFailed } from '../../src/core/errors.ts'
import { isImageAlias, type ImageRef } from '../../src/core/image.ts'
import type { JsonObject } from '../../src/core/json.ts'
import type { FleetTarget, ReleaseRequest, ResolvedRelease } from '../../src/core/ports.ts'
import type { Release } from '../../src/core/snapshot.ts'
import { cloneObstacles } from './clone/obstacles.ts'
import { autoscaleObstacles, readAutoscale, settingOf } from './fleet/autoscale.ts'
import { readMembers } from './fleet/members.ts'
import { whyMixed } from './fleet/releases.ts'
import { isFlexible, nameOf, regionOf, type ScaleSet } from './fleet/set.ts'
import { inPlaceObstacles, setObstacles } from './fleet/set-obstacles.ts'
import { findSets } from './fleet/sets.ts'
import { detailsOf, findImage, readImage, type Found } from './images/find.ts'
import { obstaclesOf } from './images/obstacles.ts'
import { modelOf, type LaunchModel } from './launch/model.ts'
import { launchDigest, releaseOf } from './launch/release.ts'
import { slotObstacles } from './launch/slot-obstacles.ts'
import { changeLaunch } from './launch/settings.ts'
import { unreadable } from './launch/unreadable.ts'
import type { ResourceGroup } from './resource-group.ts'

/** An image and launch settings as one release: checked against the fleet, and nothing written. */
export async function resolve(
  group: ResourceGroup,
  target: FleetTarget,
  { image: wanted, launch: changes, base }: ReleaseRequest,
  signal: AbortSignal,
): Promise<ResolvedRelease> {
  const { sets } = await findSets(group, target, signal)
  const set = launching(sets, base)
  const model = changed(modelOf(set), changes)
  const lookup = { caller: group.caller, location: regionOf(set), signal }
  const image = await findImage(lookup, wanted ?? base.image)
  const found = await readImage(lookup, image)
  const judged = target.placement.kind === 'slots' ? sets : [set]
  const obstacles = await Promise.all(judged.map((one) => imageObstacles(group, one, { image, found, model }, signal)))
  return {
    release: releaseOf(image, launchDigest(model)),
    ...(isImageAlias(wanted) ? { alias: wanted } : {}),
    details: detailsOf(found),
    sealed: { changes: changes ?? {} },
    obstacles: [
      ...new Set([...obstacles.flat(), ...(await placementObstacles(group, target, { sets, set, model, changes, signal }))]),
    ],
  }
}

interface Placed {
  readonly sets: readonly ScaleSet[]
  /** The one that is to be cloned, rolled in place, or taken over from. */
  readonly set: ScaleSet
  readonly model: LaunchModel
  readonly changes: JsonObject | undefined
  readonly signal: AbortSignal
}

async function placementObstacles(group: ResourceGroup, { placement }: FleetTarget, placed: Placed): Promise<string[]> {
  const { sets, set, model, changes, signal } = placed
  const [settings, ofClone, members] = await Promise.all([
    readAutoscale(group, signal),
    placement.kind === 'clone' ? cloneObstacles(group, set, signal) : [],
    isFlexible(set) ? [] : readMembers(group, set, signal),
  ])
  const mixed = whyMixed(set, members)
  const common = [...setObstacles(set), ...autoscaleObstacles(settingOf(settings, set)), ...(mixed === undefined ? [] : [mixed])]
  if (placement.kind === 'clone') return [...common, ...unreadable(set, changes), ...ofClone]
  if (placement.kind === 'in-place') return [...common, ...inPlaceObstacles(set, changes !== undefined)]
  const slots = sets.filter((one) => one !== set)
  return [...common, ...slots.flatMap((slot) => slotObstacles({ slot, settings, set, model, changes }))]
}

/**
 * The set that launches the settings that a release rests on.
 *
 * @throws RolloutError `call-failed` of class `not-found` when none does any more.
 */
function launching(sets: readonly ScaleSet[], base: Release): ScaleSet {
  const set = sets.find((one) => launchDigest(modelOf(one)) === base.launch)
  if (set !== undefined) return set
  const names = sets.map(nameOf).join(' and ')
  const gone = `${names} launches other settings by now than ${base.id}, and Azure keeps no earlier ones`
  throw callFailed('not-found', 'resolve', `${gone}: bring its instances to the latest model first`)
}

interface Wanted {
  readonly image: ImageRef
  readonly found: Found
  readonly model: LaunchModel
}

async function imageObstacles(
  group: ResourceGroup,
  set: ScaleSet,
  { image, found, model }: Wanted,
  signal: AbortSignal,
): Promise<string[]> {
  const location = regionOf(set)
  const { name: size } = model.sku
  // A set of several sizes has none of its own: which one a machine gets is decided when it is made.
  const fixed = typeof size === 'string' && set.skuProfile === undefined ? size : undefined
  const machine = fixed === undefined ? undefined : await group.sizes.read(location, fixed, signal)
  return obstaclesOf(image, found, {
    location,
    ...(fixed === undefined ? {} : { size: { name: fixed, machine } }),
    plan: model.plan,
    now: group.now(),
  })
}

function changed(model: LaunchModel, changes: JsonObject | undefined): LaunchModel {
  return changes === undefined ? model : changeLaunch(model, changes)
}
