import { expect, test } from 'vitest'
import { faultsOf } from '../kit/deaths.ts'
import { share, SHARE_MS } from '../kit/share.ts'
import { courses, goThrough } from './deaths.ts'
import { testTheWire } from './site.ts'

test.for(share(Object.entries(courses), 6))(
  '%s ends as it would have, wherever a process dies or an answer is lost',
  { timeout: SHARE_MS },
  async ([, job]) => {
    expect(await faultsOf((blow) => goThrough(job, blow), 67)).toEqual([])
  },
)

testTheWire()
