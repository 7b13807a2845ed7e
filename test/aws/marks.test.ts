import { expect, test } from 'vitest'
import { holdsOf, holdTags } from '../../providers/aws/fleet/holds.ts'
import { markRollout, markValue, rolloutMarked, textOf } from '../../providers/aws/marks.ts'

const FLEET = 'aws:123456789012/eu-west-1/autoScalingGroup:4f1c:autoScalingGroupName/web'
/** What every service of AWS takes as a tag's value. */
const ANYWHERE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u

test.for(['', 'web#12', 'sqlite /var/lib/it is=so.db', 'äöü €', '{"a":[1]}', '=23', FLEET])(
  'the text %j stands in a tag and is read back',
  (text) => {
    expect(markValue(text)).toMatch(ANYWHERE)
    expect(textOf(markValue(text))).toBe(text)
  },
)

test('a text that is too long is named by its digest, the same each time', () => {
  const long = 'x'.repeat(300)
  expect(markValue(long)).toMatch(/^sha256-[0-9a-f]{64}$/)
  expect(markValue(long)).toBe(markValue('x'.repeat(300)))
  expect(markValue(long)).not.toBe(markValue(`${long}y`))
})

test.for([`${FLEET}#1`, `${FLEET}#12`, 'another/fleet#3', 'contract#1'])(
  'the rollout %s is read back from its mark',
  (rollout) => {
    expect(rolloutMarked(FLEET, markRollout(FLEET, rollout))).toBe(rollout)
  },
)

test.for([
  { kind: 'claim', owner: `${FLEET}#7`, epoch: 3, expiresAt: 1_893_456_000_000, store: 'sqlite /var/lib/imago.db' },
  { kind: 'scale-in', owner: 'contract#1', epoch: 1, expiresAt: 1_893_456_000_001, store: 's', previousMin: 0, rebalanced: true },
  { kind: 'scale-in', owner: `${FLEET}#1`, epoch: 12, expiresAt: 1_893_456_000_000, store: 's', previousMin: 6, protected: true },
] as const)('the hold $kind of $owner is read back from its tags', (hold) => {
  const tags = holdTags(FLEET, hold)
  for (const { Value: value } of tags) expect(value).toMatch(ANYWHERE)
  expect(holdsOf(FLEET, tags)).toEqual([hold])
})

test('a tag that imago did not write so is nobody’s hold', () => {
  expect(holdsOf(FLEET, [{ Key: 'imago:claim', Value: 'by hand' }])).toEqual([])
})
