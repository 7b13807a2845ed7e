import { goThrough } from 'imago/testing'
import { describe, expect, test } from 'vitest'
import { blowsAtAnyCall, courses, doubleBlows, fault, singleBlows } from './crashes.ts'

const seed = Number(process.env['IMAGO_SEED'])

describe('a controller dies, or loses an answer, at any change of the world and the journal', () => {
  test.for(share(courses(), 2).map((course) => [course.name, course] as const))(
    '%s',
    { timeout: 120_000 },
    async ([, course]) => {
      const unharmed = await goThrough(course)
      expect(unharmed.outcome).toBe(course.outcome)
      const faults: string[] = []
      for (const blow of share(singleBlows(unharmed), 7)) {
        const found = await fault(course, unharmed, blow)
        if (found !== undefined) faults.push(found)
      }
      expect(faults).toEqual([])
      for (const blow of [...share(doubleBlows(unharmed), 89), ...share(blowsAtAnyCall(unharmed), 89)])
        expect(await fault(course, unharmed, blow)).toBeUndefined()
    },
  )
})

/** One of so many, beginning somewhere else with each commit; the deep tests try them all. */
function share<Item>(all: readonly Item[], ofSoMany: number): Item[] {
  return all.filter((_, index) => index % ofSoMany === seed % ofSoMany)
}
