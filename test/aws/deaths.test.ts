import { expect, test } from 'vitest'
import { faultOf, faultsOf } from '../kit/deaths.ts'
import { share, SHARE_MS } from '../kit/share.ts'
import { courses, goThrough } from './deaths.ts'
import { testTheWire } from './site.ts'

test.for(share(Object.entries(courses), 3))(
  '%s ends as it would have, wherever a process dies or an answer is lost',
  { timeout: SHARE_MS },
  async ([, course]) => {
    expect(await faultsOf((blow) => goThrough(course, blow), 67)).toEqual([])
  },
)

test('sizes that a refresh has moved are known by the time it is cancelled, though nobody knows whether it is cancelled again', async () => {
  const course = courses['an instance refresh, rolled back']!
  const unharmed = await goThrough(course)
  const at = unharmed.changes.indexOf('CancelInstanceRefresh') + 1
  expect(at).toBeGreaterThan(0)
  expect(await faultOf((blow) => goThrough(course, blow), unharmed, { at, kind: 'dies before' })).toBeUndefined()
})

testTheWire()
