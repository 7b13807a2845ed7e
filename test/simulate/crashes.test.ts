import { goThrough } from 'imago/testing'
import { describe, expect, test } from 'vitest'
import { blowsAtAnyCall, courses, doubleBlows, fault, singleBlows } from './crashes.ts'

const seed = Number(process.env['IMAGO_SEED'])

describe('a controller dies, or loses an answer, at every change of the world and the journal', () => {
  test.for(courses().map((course) => [course.name, course] as const))('%s', { timeout: 120_000 }, async ([, course]) => {
    const unharmed = await goThrough(course)
    expect(unharmed.outcome).toBe(course.outcome)
    const faults: string[] = []
    for (const blow of singleBlows(unharmed)) {
      const found = await fault(course, unharmed, blow)
      if (found !== undefined) faults.push(found)
    }
    expect(faults).toEqual([])
    // A share of the second crashes, and of those between changes; the deep tests try them all.
    for (const blow of [...share(doubleBlows(unharmed)), ...share(blowsAtAnyCall(unharmed))])
      expect(await fault(course, unharmed, blow)).toBeUndefined()
  })
})

/** One of so many, beginning somewhere else with each commit. */
function share<Item>(all: readonly Item[]): Item[] {
  return all.filter((_, index) => index % 89 === seed % 89)
}
