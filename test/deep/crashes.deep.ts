import { goThrough } from 'imago/testing'
import { expect, test } from 'vitest'
import { courses, doubleBlows, fault } from '../simulate/crashes.ts'

test.for(courses().map((course) => [course.name, course] as const))('two crashes close together: %s', async ([, course]) => {
  const unharmed = await goThrough(course)
  const faults: string[] = []
  for (const blow of doubleBlows(unharmed)) {
    const found = await fault(course, unharmed, blow)
    if (found !== undefined) faults.push(found)
  }
  expect(faults).toEqual([])
})
