import { readHold, writeHold } from '../../../src/core/hold-text.ts'
import type { HoldView } from '../../../src/core/snapshot.ts'
import { MARKS, markRollout, markValue, rolloutMarked, tagged, type Tags } from '../marks.ts'

/** The tags of each kind of hold: a store may have any name, and stands in a tag of its own. */
const TAGS: Readonly<Record<HoldView['kind'], { readonly mark: string; readonly store: string }>> = {
  claim: { mark: MARKS.claim, store: `${MARKS.claim}-store` },
  'scale-in': { mark: MARKS.scaleIn, store: `${MARKS.scaleIn}-store` },
}
const KINDS = Object.keys(TAGS) as HoldView['kind'][]

/** The holds that a set bears. What cannot be read is nobody's: it was not written by imago. */
export function holdsOf(fleet: string, tags: Tags | undefined): HoldView[] {
  return KINDS.flatMap((kind) => {
    const text = tagged(tags, TAGS[kind].mark)
    const hold = text === undefined ? undefined : parse(fleet, kind, text, tagged(tags, TAGS[kind].store) ?? '')
    return hold === undefined ? [] : [hold]
  })
}

/** Whether imago holds the minimum of a set with these holds. */
export function isHeld(holds: readonly HoldView[]): boolean {
  return holds.some((one) => one.kind === 'scale-in' && one.previousMin !== undefined)
}

/** The tags that say so. */
export function holdTags(fleet: string, hold: HoldView): Tags {
  const text = writeHold({ ...hold, owner: markRollout(fleet, hold.owner) })
  return { [TAGS[hold.kind].mark]: text, [TAGS[hold.kind].store]: markValue(hold.store) }
}

/** Names of the tags of a kind of hold. */
export function holdKeys(kind: HoldView['kind']): readonly string[] {
  return Object.values(TAGS[kind])
}

function parse(fleet: string, kind: HoldView['kind'], text: string, store: string): HoldView | undefined {
  const read = readHold(text)
  return read && { ...read.hold, kind, owner: rolloutMarked(fleet, read.hold.owner), store }
}
