import type { JsonObject } from '../../../src/core/json.ts'
import { autoscaleObstacles, boundsOf, settingOf, type AutoscaleSetting } from '../fleet/autoscale.ts'
import { nameOf, type ScaleSet } from '../fleet/set.ts'
import { setObstacles } from '../fleet/set-obstacles.ts'
import type { LaunchModel } from './model.ts'
import { slotDifferences } from './slot.ts'

interface Taking {
  readonly slot: ScaleSet
  readonly settings: readonly AutoscaleSetting[]
  /** The slot that serves. */
  readonly set: ScaleSet
  readonly model: LaunchModel
  readonly changes: JsonObject | undefined
}

/** Why a slot could not take over from the one that serves. What scales them is their owner's: imago makes none, and writes no maximum. */
export function slotObstacles({ slot, settings, set, model, changes }: Taking): string[] {
  const [own, its] = [settingOf(settings, slot), settingOf(settings, set)]
  const [name, other] = [nameOf(slot), nameOf(set)]
  const [most, needed] = [own, its].map((one) => (one === undefined ? undefined : boundsOf(one).max))
  return [
    ...setObstacles(slot),
    ...autoscaleObstacles(own),
    ...((own === undefined) === (its === undefined)
      ? []
      : [`of the slots ${name} and ${other} one has an autoscale setting and the other has none`]),
    ...(most === undefined || needed === undefined || most >= needed
      ? []
      : [`the autoscale setting of ${name} allows ${most} instances, and that of ${other} ${needed}`]),
    ...slotDifferences(slot, model, changes).obstacles,
  ]
}
