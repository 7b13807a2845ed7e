import { expect, test } from 'vitest'
import { share, SHARE_MS } from '../kit/share.ts'
import { blowsOf, courses, faultOf, goThrough } from './deaths.ts'
import { testTheWire } from './site.ts'

test.for(Object.entries(courses))(
  '%s ends as it would have, wherever a process dies or an answer is lost',
  { timeout: SHARE_MS },
  async ([, course]) => {
    const unharmed = await goThrough(course)
    const faults: string[] = []
    for (const blow of share(blowsOf(unharmed), 67)) {
      const found = await faultOf(course, unharmed, blow)
      if (found !== undefined) faults.push(found)
    }
    expect(faults).toEqual([])
  },
)

test('sizes that a refresh has moved are known by the time it is cancelled, though nobody knows whether it is cancelled again', async () => {
  const course = courses['an instance refresh, rolled back']!
  const unharmed = await goThrough(course)
  const at = unharmed.changes.indexOf('CancelInstanceRefresh') + 1
  expect(at).toBeGreaterThan(0)
  expect(await faultOf(course, unharmed, { at, kind: 'dies before' })).toBeUndefined()
})

testTheWire()
