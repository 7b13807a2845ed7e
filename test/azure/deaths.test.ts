import { expect, test } from 'vitest'
import { share, SHARE_MS } from '../kit/share.ts'
import { blowsOf, courses, faultOf, goThrough } from './deaths.ts'

test.for(courses)(
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

test('a clone whose maker died before it had its autoscale setting gets the usual size of its original', async () => {
  const [, course] = courses.find(([name]) => name === 'blue/green by rules, Uniform')!
  const unharmed = await goThrough(course)
  const at = unharmed.changes.indexOf('PUT virtualMachineScaleSets.createOrUpdate') + 1
  expect(at).toBeGreaterThan(0)
  expect(await faultOf(course, unharmed, { at, kind: 'dies after' })).toBeUndefined()
})
