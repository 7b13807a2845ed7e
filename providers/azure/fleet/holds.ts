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
export function holdTags(fleet: string, { kind, owner, epoch, expiresAt, store, previousMin }: HoldView): Tags {
  const fields = [
    `owner=${markRollout(fleet, owner)}`,
    `epoch=${epoch}`,
    `until=${new Date(expiresAt).toISOString()}`,
    ...(previousMin === undefined ? [] : [`min=${previousMin}`]),
  ]
  return { [TAGS[kind].mark]: fields.join(' '), [TAGS[kind].store]: markValue(store) }
}

/** Names of the tags of a kind of hold. */
export function holdKeys(kind: HoldView['kind']): readonly string[] {
  return Object.values(TAGS[kind])
}

function parse(fleet: string, kind: HoldView['kind'], text: string, store: string): HoldView | undefined {
  const fields = new Map(text.split(' ').map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)]))
  const [owner, until, min] = [fields.get('owner'), fields.get('until'), fields.get('min')]
  if (owner === undefined || until === undefined) return undefined
  return {
    kind,
    owner: rolloutMarked(fleet, owner),
    epoch: Number(fields.get('epoch')),
    expiresAt: Date.parse(until),
    store,
    ...(min === undefined ? {} : { previousMin: Number(min) }),
  }
}
