import { callFailed } from '../../../src/core/errors.ts'
import type { Accepted } from '../../../src/core/ports.ts'
import type { GroupView } from '../../../src/core/snapshot.ts'
import { afterSize, sizesGrown, type Sizes, totalOf } from '../../../src/core/sizes.ts'
import { readAutoscale, settingOf, writeMinimum } from '../fleet/autoscale.ts'
import { isHeld } from '../fleet/holds.ts'
import type { ScaleSet } from '../fleet/set.ts'
import { lookToChange, patch, refuseRetiring, setIn, viewIn, type Change } from './group.ts'

/** See `FleetProvider.resize`. What is written rests on what was read, so that it can only grow, however late it lands. */
export async function resize(change: Change, id: string, sizes: Sizes, version: string | undefined): Promise<Accepted> {
  const { call } = change
  const { look, found } = await lookToChange(change)
  const [view, set] = [viewIn(look, id, call), setIn(found, id, call)]
  refuseRetiring(set, call)
  if (version !== undefined && version !== set.etag)
    throw callFailed('conflict', call, `The scale set ${id} is of version ${set.etag} by now, not ${version}.`)
  totalOf(view, sizes, look.releases, call)
  return await grow(change, set, view, totalOf(view, sizesGrown(view.sizes, sizes), look.releases, call))
}

/** Makes a set at least so large. While its minimum is held, that moves with it: after the size, for below it Azure would scale by itself. */
export async function grow(change: Change, set: ScaleSet, view: GroupView, total: number): Promise<Accepted> {
  if (total <= (set.sku?.capacity ?? 0)) {
    await moveMinimum(change, set, view, total)
    return {}
  }
  const accepted = await patch(change, set, { sku: { ...set.sku, capacity: total } })
  await moveMinimum(change, set, view, total).catch(afterSize)
  return accepted
}

/** While scale-in is held, the minimum of the set's autoscale setting is its size; else it only is no larger. */
export async function moveMinimum({ group, signal }: Change, set: ScaleSet, view: GroupView, size: number): Promise<void> {
  if (!isHeld(view.holds) && view.min <= size) return
  const setting = settingOf(await readAutoscale(group, signal), set)
  if (setting !== undefined) await writeMinimum(group, setting, { min: size }, signal)
}
