import { readHold, writeHold } from '../../../src/core/hold-text.ts'
import type { HoldView } from '../../../src/core/snapshot.ts'
import { MARKS, markRollout, markValue, rolloutMarked, tagged, textOf, type Tag } from '../marks.ts'

/** The tags of each kind of hold. A value has 256 characters and few signs, so that a hold is spread over two. */
const TAGS: Readonly<Record<HoldView['kind'], { readonly mark: string; readonly store: string }>> = {
  claim: { mark: MARKS.claim, store: `${MARKS.claim}-store` },
  'scale-in': { mark: MARKS.scaleIn, store: `${MARKS.scaleIn}-store` },
}
const KINDS = Object.keys(TAGS) as HoldView['kind'][]

/** A hold as it is written, with what there was before it. */
export interface HoldMark extends HoldView {
  /** Rebalancing went on, and was stopped. */
  readonly rebalanced?: boolean
  /** Instances are protected from scale-in as they start, as their owner wants it. */
  readonly protected?: boolean
}

/** The holds that a group bears. What cannot be read is nobody's: it was not written by imago. */
export function holdsOf(fleet: string, tags: readonly Tag[] | undefined): HoldMark[] {
  return KINDS.flatMap((kind) => {
    const text = tagged(tags, TAGS[kind].mark)
    const hold = text === undefined ? undefined : parse(fleet, kind, text, tagged(tags, TAGS[kind].store) ?? '')
    return hold === undefined ? [] : [hold]
  })
}

/** Zones are balanced by launching in one and ending in another: while instances are chosen by name, nobody else may choose. */
export const REBALANCING = 'AZRebalance'

/** Whether a hold stopped the rebalancing of a group, which goes on once it is released. */
export function stopsRebalancing(tags: readonly Tag[] | undefined): boolean {
  return holdsOf('', tags).some((one) => one.rebalanced === true)
}

/** What a look shows of it. */
export function holdView({ rebalanced: _rebalanced, protected: _protected, ...hold }: HoldMark): HoldView {
  return hold
}

/** The tags that say so. */
export function holdTags(fleet: string, hold: HoldMark): { Key: string; Value: string }[] {
  const before = [
    ...(hold.rebalanced === true ? ['rebalance=was-on'] : []),
    ...(hold.protected === true ? ['protection=was-on'] : []),
  ]
  return [
    { Key: TAGS[hold.kind].mark, Value: writeHold({ ...hold, owner: markRollout(fleet, hold.owner) }, before) },
    { Key: TAGS[hold.kind].store, Value: markValue(hold.store) },
  ]
}

/** Keys of the tags of a kind of hold. */
export function holdKeys(kind: HoldView['kind']): readonly string[] {
  return Object.values(TAGS[kind])
}

function parse(fleet: string, kind: HoldView['kind'], text: string, store: string): HoldMark | undefined {
  const read = readHold(text)
  if (read === undefined) return undefined
  return {
    ...read.hold,
    kind,
    owner: rolloutMarked(fleet, read.hold.owner),
    store: textOf(store),
    ...(read.more.get('rebalance') === 'was-on' ? { rebalanced: true } : {}),
    ...(read.more.get('protection') === 'was-on' ? { protected: true } : {}),
  }
}
