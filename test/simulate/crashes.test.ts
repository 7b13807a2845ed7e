import { goThrough } from 'imago/testing'
import { describe, expect, test } from 'vitest'
import { share, SHARE_MS } from '../kit/share.ts'
import { blowsAtAnyCall, courses, doubleBlows, fault, singleBlows } from './crashes.ts'

describe('a controller dies, or loses an answer, at any change of the world and the journal', () => {
  test.for(share(courses(), 2).map((course) => [course.name, course] as const))(
    '%s',
    { timeout: SHARE_MS },
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
