import type { VirtualMachineScaleSetUpdate } from '@azure/arm-compute'
import { callFailed } from '../../../src/core/errors.ts'
import type { Accepted, GroupRequest } from '../../../src/core/ports.ts'
import { checkMaximum, checkSize } from '../../../src/core/sizes.ts'
import { boundsOf, readAutoscale, settingOf, usualOf, writeMinimum } from '../fleet/autoscale.ts'
import { holdKeys, holdsOf } from '../fleet/holds.ts'
import { largestOf, type ScaleSet } from '../fleet/set.ts'
import type { FoundSets } from '../fleet/sets.ts'
import { slotDifferences } from '../launch/slot.ts'
import { MARKS, retagged, tagged } from '../marks.ts'
import { patch, setIn, type Change } from './group.ts'
import { changesOf, imageOf, marks, modelFor } from './making.ts'

/**
 * A slot launches the release from now on, marked and sized by the same write, and only where nobody has written since it was read. The
 * minimum of what scales it follows; its maximum is its owner's.
 */
export async function fillSlot(change: Change, found: FoundSets, request: GroupRequest): Promise<Accepted> {
  const { group, call, signal } = change
  const { group: id, size } = request
  const [slot, like] = [setIn(found, id, call), setIn(found, request.like, call)]
  const settings = await readAutoscale(group, signal)
  const [own, its] = [settingOf(settings, slot), settingOf(settings, like)]
  checkSize(id, size, call)
  checkMaximum(id, size, own === undefined ? largestOf(slot) : boundsOf(own).max, call)
  const accepted = await patch(change, slot, {
    ...turned(slot, found, request),
    tags: retagged(slot.tags, { add: marks(found, request, slot, false) }),
  })
  if (own === undefined || its === undefined) return accepted
  const held = holdsOf(found.id, like.tags).find((one) => one.previousMin !== undefined)
  const min = Math.min(held?.previousMin ?? boundsOf(its).min, size)
  await writeMinimum(group, own, { min, usual: usualOf(its, like) }, signal)
  return accepted
}

/** A slot is empty for good, and as its owner made it but for what it launches. What scales it would fill it again, and is told first. */
export async function emptySlot(change: Change, slot: ScaleSet): Promise<Accepted> {
  const { group, signal } = change
  const setting = settingOf(await readAutoscale(group, signal), slot)
  if (setting !== undefined) await writeMinimum(group, setting, { min: 0, usual: 0 }, signal)
  const own = [MARKS.rollout, MARKS.usual, ...holdKeys('claim'), ...holdKeys('scale-in')]
  const isBare = own.every((key) => tagged(slot.tags, key) === undefined)
  if (isBare && (slot.sku?.capacity ?? 0) === 0) return {}
  return await patch(change, slot, { sku: { ...slot.sku, capacity: 0 }, tags: retagged(slot.tags, { without: own }) })
}

/** What the slot is to launch, in no more words than differ: what a set is told again counts as changed. */
function turned(slot: ScaleSet, found: FoundSets, request: GroupRequest): VirtualMachineScaleSetUpdate {
  const model = modelFor(found, request, () => undefined)
  const { differing, obstacles } = slotDifferences(slot, model, changesOf(request))
  if (obstacles.length > 0) throw callFailed('invalid', 'ensureGroup', `${obstacles.join('; ')}.`)
  const { storageProfile = slot.virtualMachineProfile?.storageProfile, ...others } = differing
  return {
    ...(slot.upgradePolicy === undefined ? {} : { upgradePolicy: slot.upgradePolicy }),
    sku: { ...model.sku, capacity: request.size },
    virtualMachineProfile: { ...others, storageProfile: { ...storageProfile, imageReference: imageOf(slot, request) } },
  }
}
