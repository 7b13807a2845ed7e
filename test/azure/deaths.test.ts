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
