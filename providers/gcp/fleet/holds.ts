import type { HoldView } from '../../../src/core/snapshot.ts'
import { marksOf, type HoldMark } from '../marks.ts'
import type { Manager } from '../sdk/resources.ts'

/** A hold that a group bears. */
export type Hold = HoldMark & Pick<HoldView, 'kind'>

/** The holds that a group bears. */
export function holdsOf(group: Manager): Hold[] {
  return Object.entries(marksOf(group).holds ?? {}).map(([kind, mark]) => ({ kind: kind as HoldView['kind'], ...mark }))
}

/** What a look shows of it. */
export function holdView({ mode: _mode, redistributes: _redistributes, ...hold }: Hold): HoldView {
  return hold
}

/** The hold by which a group's minimum is kept up; `undefined` while none does. */
export function heldMinimum(group: Manager): Hold | undefined {
  return holdsOf(group).find((one) => one.kind === 'scale-in' && one.previousMin !== undefined)
}
