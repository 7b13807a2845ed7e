import { goThrough, type Blow, type Course, type End } from 'imago/testing'
import { describe, expect, test } from 'vitest'
import { blowsAtAnyCall, courses, doubleBlows, fault, singleBlows } from '../simulate/crashes.ts'

describe.for(courses().map((course) => [course.name, course] as const))('%s', ([, course]) => {
  test('a crash or a lost answer at every change', async () => expect(await faultsOf(course, singleBlows)).toEqual([]))
  test('two crashes close together', async () => expect(await faultsOf(course, doubleBlows)).toEqual([]))
  test('a crash at any call', async () => expect(await faultsOf(course, blowsAtAnyCall)).toEqual([]))
})

async function faultsOf(course: Course, blows: (unharmed: End) => readonly Blow[]): Promise<string[]> {
  const unharmed = await goThrough(course)
  const faults: string[] = []
  for (const blow of blows(unharmed)) {
    const found = await fault(course, unharmed, blow)
    if (found !== undefined) faults.push(found)
  }
  return faults
}
