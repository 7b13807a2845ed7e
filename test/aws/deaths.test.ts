import { expect, test } from 'vitest'
import { blowsOf, courses, faultOf, goThrough } from './deaths.ts'
import { testTheWire } from './site.ts'

const seed = Number(process.env['IMAGO_SEED'])

test.for(Object.entries(courses))(
  '%s ends as it would have, wherever a process dies or an answer is lost',
  { timeout: 120_000 },
  async ([, course]) => {
    const unharmed = await goThrough(course)
    // A share that begins somewhere else with each commit; the deep tests try them all.
    for (const blow of blowsOf(unharmed).filter((_, index) => index % 67 === seed % 67))
      expect(await faultOf(course, unharmed, blow)).toBeUndefined()
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
