import { expect, test } from 'vitest'
import { blowsOf, courses, faultOf, goThrough } from '../aws/deaths.ts'
import { testTheWire } from '../aws/site.ts'

test.for(Object.entries(courses))('%s, a process that dies or loses an answer at any change', async ([, course]) => {
  const unharmed = await goThrough(course)
  const faults: string[] = []
  for (const blow of blowsOf(unharmed)) {
    const found = await faultOf(course, unharmed, blow)
    if (found !== undefined) faults.push(found)
  }
  expect(faults).toEqual([])
})

testTheWire()
