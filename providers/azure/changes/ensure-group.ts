import { callFailed } from '../../../src/core/errors.ts'
import type { Accepted, GroupRequest } from '../../../src/core/ports.ts'
import { afterSize, checkMaximum, checkSize, sizesGrown, totalOf } from '../../../src/core/sizes.ts'
import { cloneObstacles } from '../clone/obstacles.ts'
import { boundsOf, copySetting, readAutoscale, settingOf, type AutoscaleSetting } from '../fleet/autoscale.ts'
import { holdsOf } from '../fleet/holds.ts'
import { largestOf, type ScaleSet } from '../fleet/set.ts'
import type { FoundSets } from '../fleet/sets.ts'
import { MARKS, retagged } from '../marks.ts'
import { poolIdOf } from '../router/pool-id.ts'
import { lookToChange, patch, refuseRetiring, setIn, type Change } from './group.ts'
import { cloneOf, imageOf } from './making.ts'
import { launchedMark } from './launched.ts'
import { grow, moveMinimum } from './sizes.ts'
import { fillSlot } from './slots.ts'

/** See `FleetProvider.ensureGroup`. */
export async function ensureGroup(change: Change, request: GroupRequest): Promise<Accepted> {
  const { target, call } = change
  const { look, found } = await lookToChange(change)
  const view = look.groups.find((one) => one.id === request.group)
  if (view === undefined) return await (target.placement.kind === 'slots' ? fillSlot : create)(change, found, request)
  const { release, size } = request
  if (target.placement.kind !== 'in-place' && view.release !== release.id)
    throw callFailed('conflict', call, `The scale set ${view.id} launches ${view.release}, not ${release.id}.`)
  const set = setIn(found, view.id, call)
  refuseRetiring(set, call)
  if (view.partial === true) await complete(change, found, request)
  const grown = sizesGrown(view.sizes, { [release.id]: size })
  const total = totalOf(view, grown, { ...look.releases, [release.id]: release }, call)
  // What scales a set that was held without it is as its owner has it: the next hold notes that before it raises it.
  if (view.partial === true) return await grow(change, set, { ...view, holds: [] }, total)
  if (view.release === release.id) return await grow(change, set, view, total)
  const accepted = await launchFrom(change, set, request, total)
  await moveMinimum(change, set, view, total).catch(afterSize)
  return accepted
}

/** In place the set launches the new image from now on, beside the instances that are there: one write for it and the size. */
async function launchFrom(change: Change, set: ScaleSet, request: GroupRequest, total: number): Promise<Accepted> {
  const { upgradePolicy, virtualMachineProfile: profile } = set
  return await patch(change, set, {
    sku: { ...set.sku, capacity: total },
    // Azure has refused bodies that name an image without the policy by which it is brought to instances.
    ...(upgradePolicy === undefined ? {} : { upgradePolicy }),
    virtualMachineProfile: { storageProfile: { ...profile?.storageProfile, imageReference: imageOf(set, request) } },
    // Who was re-imaged by what was launched before goes with it.
    tags: retagged(set.tags, { without: [MARKS.upgrade], add: await launchedMark(change, set) }),
  })
}

async function create(change: Change, found: FoundSets, request: GroupRequest): Promise<Accepted> {
  const { group, call, signal } = change
  const like = setIn(found, request.like, call)
  checkSize(request.group, request.size, call)
  const autoscale = settingOf(await readAutoscale(group, signal), like)
  checkMaximum(request.group, request.size, autoscale === undefined ? largestOf(like) : boundsOf(autoscale).max, call)
  const obstacles = await cloneObstacles(group, like, signal)
  if (obstacles.length > 0) throw callFailed('invalid', call, `${obstacles.join('; ')}.`)
  const pool = request.binding === undefined ? undefined : await poolIdOf(group, request.binding, { found, call, signal })
  const body = cloneOf({ found, like, autoscale, pool, request })
  const accepted = await group.caller.accept({ name: 'virtualMachineScaleSets.createOrUpdate', signal }, (client, options) =>
    client.virtualMachineScaleSets.createOrUpdate(group.name, request.group, body, { ...options, ifNoneMatch: '*' }),
  )
  if (autoscale !== undefined) await scale(change, { found, like, autoscale, request })
  return accepted
}

/** Makes what a set lacks whose maker died. One that is to be like itself has lost its original, and stays as it is. */
async function complete(change: Change, found: FoundSets, request: GroupRequest): Promise<void> {
  if (request.like === request.group) return
  const like = setIn(found, request.like, change.call)
  const autoscale = settingOf(await readAutoscale(change.group, change.signal), like)
  if (autoscale !== undefined) await scale(change, { found, like, autoscale, request })
}

interface Scaled {
  readonly found: FoundSets
  readonly like: ScaleSet
  readonly autoscale: AutoscaleSetting
  readonly request: GroupRequest
}

/** A clone is scaled like its original: by the minimum that this has while nobody holds it, and never to more than it is to begin with. */
async function scale({ group, signal }: Change, { found, like, autoscale, request }: Scaled): Promise<void> {
  const held = holdsOf(found.id, like.tags).find((one) => one.previousMin !== undefined)
  const min = Math.min(held?.previousMin ?? boundsOf(autoscale).min, request.size)
  await copySetting(group, autoscale, { original: like, clone: request.group, min }, signal)
}
