import type { VirtualMachineScaleSetUpdate } from '@azure/arm-compute'
import { callFailed } from '../../../src/core/errors.ts'
import type { Accepted } from '../../../src/core/ports.ts'
import type { HoldView } from '../../../src/core/snapshot.ts'
import {
  boundsOf,
  readAutoscale,
  saysLeast,
  settingOf,
  usualOf,
  writeMinimum,
  type AutoscaleSetting,
} from '../fleet/autoscale.ts'
import { holdKeys, holdsOf, holdTags } from '../fleet/holds.ts'
import { nameOf, type ScaleSet } from '../fleet/set.ts'
import { modeObstacles } from '../fleet/set-obstacles.ts'
import { findSets, type FoundSets } from '../fleet/sets.ts'
import { inForce, upgrades } from '../fleet/upgrades.ts'
import { MARKS, markValue, retagged, tagged, type Tags } from '../marks.ts'
import { patch, setIn, type Change } from './group.ts'
import { launchedMark } from './launched.ts'

/**
 * See `FleetProvider.hold`. The mark is written before what it holds, and only where nobody has written since it was read. In place a claim
 * holds automatic repairs too, by the same write: they would bring what is launched to instances that nobody has judged.
 */
export async function hold(change: Change, id: string, wanted: HoldView, min: number | undefined): Promise<Accepted> {
  const { group, target, call, signal } = change
  const found = await findSets(group, target, signal)
  const set = setIn(found, id, call)
  const isUpgrading = await upgrades(group, set, signal)
  refuseRival(change, found, set, wanted, isUpgrading)
  const setting = settingOf(await readAutoscale(group, signal), set)
  const before = holdsOf(found.id, set.tags).find((one) => one.kind === wanted.kind)
  const previousMin = before?.previousMin ?? wanted.previousMin ?? (setting === undefined ? 0 : boundsOf(setting).min)
  const raise = async () => {
    if (min !== undefined && setting !== undefined)
      await writeMinimum(group, setting, { min: Math.max(minAfter(set, previousMin), min) }, signal)
  }
  // Its own marks are in force for as long as that takes.
  if (isUpgrading && before?.owner === wanted.owner) {
    await raise()
    return {}
  }
  const mark = min === undefined ? wanted : { ...wanted, previousMin }
  const launched = await launchedMark(change, set)
  const repairs = wanted.kind === 'claim' && target.placement.kind === 'in-place' && set.automaticRepairsPolicy?.enabled === true
  const tags = {
    [MARKS.fleet]: markValue(found.id),
    ...launched,
    ...holdTags(found.id, mark),
    ...(repairs ? { [MARKS.repairs]: 'on' } : {}),
    ...(min !== undefined && setting !== undefined ? { [MARKS.usual]: String(usualOf(setting, set)) } : {}),
  }
  // What another rollout noted of its upgrades says nothing about this one's.
  const without = wanted.kind === 'claim' && before?.owner !== wanted.owner ? [MARKS.upgrade] : []
  const accepted = await writeTags(change, set, retagged(set.tags, { without, add: tags }), repairs ? repairing(set, false) : {})
  await raise()
  return accepted
}

/**
 * See `FleetProvider.release`. What was held is undone, and seen undone, before its mark goes; with a claim goes that the set is being
 * emptied to be deleted: a rollout that was aborted in the middle of that leaves it to its owner.
 */
export async function release(change: Change, id: string, kind: HoldView['kind'], owner: string): Promise<Accepted> {
  const { group, target, signal } = change
  const found = await findSets(group, target, signal)
  const set = found.sets.find((one) => nameOf(one) === id)
  const held = holdsOf(found.id, set?.tags).find((one) => one.kind === kind && one.owner === owner)
  if (set === undefined || held === undefined) return {}
  const setting = settingOf(await readAutoscale(group, signal), set)
  if (held.previousMin !== undefined && setting !== undefined) await restore(change, set, setting, held.previousMin)
  const repairs = kind === 'claim' && tagged(set.tags, MARKS.repairs) !== undefined
  const more = kind === 'scale-in' ? [MARKS.usual] : [MARKS.upgrade, MARKS.retiring, ...(repairs ? [MARKS.repairs] : [])]
  const tags = retagged(set.tags, { without: [...holdKeys(kind), ...more] })
  return await writeTags(change, set, tags, repairs ? repairing(set, true) : {})
}

function repairing({ automaticRepairsPolicy }: ScaleSet, enabled: boolean): VirtualMachineScaleSetUpdate {
  return { automaticRepairsPolicy: { ...automaticRepairsPolicy, enabled } }
}

/** @throws RolloutError `call-failed` of class `transient` while a read still shows what was held. */
async function restore(
  { group, call, signal }: Change,
  set: ScaleSet,
  setting: AutoscaleSetting,
  previous: number,
): Promise<void> {
  // Never above the largest size, which somebody may have lowered meanwhile.
  const { max } = boundsOf(setting)
  const min = Math.min(minAfter(set, previous), max)
  const least = { min, usual: Math.min(usualOf(setting, set), max) }
  if (saysLeast(setting, least)) return
  await writeMinimum(group, setting, least, signal)
  const after = settingOf(await readAutoscale(group, signal), set)
  if (after === undefined || saysLeast(after, least)) return
  throw callFailed('transient', call, `${nameOf(set)} still shows a minimum of ${boundsOf(after).min}, not ${min}.`)
}

/** A set that a rollout made may be smaller than the one that it takes over from: its minimum never makes it larger. */
function minAfter({ tags, sku }: ScaleSet, previous: number): number {
  return tagged(tags, MARKS.rollout) === undefined ? previous : Math.min(previous, sku?.capacity ?? 0)
}

/** @throws RolloutError `call-failed` of class `denied` for a set whose instances any change would re-image. */
async function writeTags(change: Change, set: ScaleSet, tags: Tags, more: VirtualMachineScaleSetUpdate): Promise<Accepted> {
  const [obstacle] = modeObstacles(set)
  if (obstacle !== undefined) throw callFailed('denied', change.call, `${obstacle}.`, { native: 'UpgradeMode' })
  const same = Object.keys({ ...set.tags, ...tags }).every((key) => set.tags?.[key] === tags[key])
  return same ? {} : await patch(change, set, { ...more, tags: { ...tags } })
}

/** @throws RolloutError `call-failed` of class `conflict` while somebody else's mark is in force. */
function refuseRival({ group, call }: Change, found: FoundSets, set: ScaleSet, wanted: HoldView, isUpgrading: boolean): void {
  const marksOf = (one: ScaleSet, kind: HoldView['kind']) =>
    inForce(holdsOf(found.id, one.tags), one === set && isUpgrading, group.now()).filter((mark) => mark.kind === kind)
  const marks = [...found.sets.flatMap((one) => marksOf(one, 'claim')), ...marksOf(set, wanted.kind)]
  const rival = marks.find((one) => one.expiresAt > group.now() && !isSuccessor(one, wanted))
  if (rival === undefined) return
  const until = new Date(rival.expiresAt).toISOString()
  throw callFailed('conflict', call, `${rival.owner} (epoch ${rival.epoch}, store ${rival.store}) holds it until ${until}.`)
}

function isSuccessor(before: HoldView, wanted: HoldView): boolean {
  return before.owner === wanted.owner && before.store === markValue(wanted.store) && wanted.epoch >= before.epoch
}
