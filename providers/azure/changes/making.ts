import type { VirtualMachineScaleSet } from '@azure/arm-compute'
import { callFailed } from '../../../src/core/errors.ts'
import { sameImage } from '../../../src/core/image.ts'
import { isObject, merged, type JsonObject } from '../../../src/core/json.ts'
import type { GroupRequest } from '../../../src/core/ports.ts'
import { inPool } from '../clone/network.ts'
import { SET } from '../clone/set-table.ts'
import { treat } from '../clone/treatment.ts'
import type { AutoscaleSetting } from '../fleet/autoscale.ts'
import { isFlexible, nameOf, type ScaleSet } from '../fleet/set.ts'
import type { FoundSets } from '../fleet/sets.ts'
import { referenceOf, refOf } from '../images/find.ts'
import { modelOf, type LaunchModel } from '../launch/model.ts'
import { launchDigest } from '../launch/release.ts'
import { changeLaunch } from '../launch/settings.ts'
import { unreadable } from '../launch/unreadable.ts'
import { MARKS, markRollout, markValue, ownersTags, tagged, type Tags } from '../marks.ts'

/** What a clone is made of. */
export interface CloneParts {
  readonly found: FoundSets
  /** The set whose other settings are copied, and what scales it. */
  readonly like: ScaleSet
  readonly autoscale: AutoscaleSetting | undefined
  /** The resource id of the pool that its instances join. @default - none */
  readonly pool: string | undefined
  readonly request: GroupRequest
}

/** The body of a clone, in the client's words: the model that launches the release, and all else as its original has it. */
export function cloneOf({ found, like, autoscale, pool, request }: CloneParts): VirtualMachineScaleSet {
  const model = withImage(modelFor(found, request), like, request)
  const { sku, plan, virtualMachineProfile } = model as unknown as VirtualMachineScaleSet
  const network = virtualMachineProfile?.networkProfile
  return {
    ...treat(like, SET).settings,
    location: like.location,
    ...(isFlexible(like) ? {} : { overprovision: false }),
    // Those of the original may rest: somebody rolled it in place.
    ...(tagged(like.tags, MARKS.repairs) === undefined
      ? {}
      : { automaticRepairsPolicy: { ...like.automaticRepairsPolicy, enabled: true } }),
    sku: { ...sku, capacity: request.size },
    ...(plan === undefined ? {} : { plan }),
    virtualMachineProfile: {
      ...virtualMachineProfile,
      ...(network === undefined ? {} : { networkProfile: inPool(network, pool) }),
    },
    tags: { ...ownersTags(like.tags), ...marks(found, request, like, autoscale !== undefined) },
  }
}

/** How a set names the image of a release: as before where it is the same one. */
export function imageOf(set: ScaleSet, { release }: GroupRequest): JsonObject {
  const reference = set.virtualMachineProfile?.storageProfile?.imageReference ?? {}
  const now = refOf(reference)
  return now !== undefined && sameImage(now, release.image) ? (reference as JsonObject) : referenceOf(release.image)
}

function withImage(model: LaunchModel, like: ScaleSet, request: GroupRequest): LaunchModel {
  const { storageProfile } = model.virtualMachineProfile
  const stored = isObject(storageProfile) ? storageProfile : {}
  const profile = { ...model.virtualMachineProfile, storageProfile: { ...stored, imageReference: imageOf(like, request) } }
  return { ...model, virtualMachineProfile: profile }
}

/** What the plan changes in the settings that are launched. @default - nothing */
export function changesOf({ sealed }: GroupRequest): JsonObject | undefined {
  return isObject(sealed) && isObject(sealed['changes']) ? sealed['changes'] : undefined
}

/**
 * The settings of a release: those of a set of the fleet, with what the plan changes in them. Azure keeps none but those.
 *
 * @param lostIn a part of a set's that is needed and never given back.
 * @throws RolloutError `call-failed` of class `not-found` when no set leads to them any more, or a part is lost.
 */
export function modelFor(
  { sets }: FoundSets,
  request: GroupRequest,
  lostIn: (set: ScaleSet) => string | undefined = (set) => unreadable(set, changesOf(request))[0],
): LaunchModel {
  const { group, release } = request
  const changes = changesOf(request)
  for (const set of sets) {
    const lost = lostIn(set)
    const model = changes === undefined ? modelOf(set) : changeLaunch(modelOf(set), changes)
    if (launchDigest(model) !== release.launch) continue
    if (lost !== undefined) throw callFailed('not-found', 'ensureGroup', `The scale set ${group} cannot be made: ${lost}.`)
    return merged(model, {}) as LaunchModel
  }
  const names = sets.map(nameOf).join(' and ')
  const gone = `${names} launches other settings than ${release.id}, and none were given: Azure keeps no earlier ones`
  throw callFailed('not-found', 'ensureGroup', `The scale set ${group} cannot be made: ${gone}.`)
}

/** The set is the fleet's, and the rollout's, from its first moment; and made in part, where a setting of its own is to come. */
export function marks({ id }: FoundSets, { rolloutId, release }: GroupRequest, like: ScaleSet, autoscaled: boolean): Tags {
  return {
    [MARKS.fleet]: markValue(id),
    [MARKS.rollout]: markRollout(id, rolloutId),
    ...(isFlexible(like) ? {} : { [MARKS.launched]: release.launch }),
    ...(autoscaled ? { [MARKS.autoscaled]: 'yes' } : {}),
  }
}
