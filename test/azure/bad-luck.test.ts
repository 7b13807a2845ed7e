import { blueGreen, inPlace, rolling } from 'imago'
import { expect, test } from 'vitest'
import { share, SHARE_MS } from '../kit/share.ts'
import { UNHEARD, type CallFate } from '../kit/wire/fate.ts'
import { NEW } from './fleet.ts'
import { CLONED, leftovers, roll, type Job } from './rolling.ts'
import { createSite } from './site.ts'
import { Fault } from './wire/fault.ts'

const SWAPPED: Job = { strategy: blueGreen({ bake: '30s' }), groups: CLONED, way: 'rules' }
const IN_PLACE: Job = { strategy: rolling({ maxSurge: 2 }), groups: inPlace('web') }
const NATIVE: Job = { strategy: rolling({ by: 'native' }), groups: inPlace('web') }

const FATES: Readonly<Record<'cut' | 'refused', CallFate>> = {
  cut: UNHEARD,
  refused: { refused: new Fault(409, 'Conflict', 'The request failed due to conflict with a concurrent request.') },
}

test.for([
  ['blue/green by rules', 'cut', SWAPPED],
  ['blue/green by rules', 'refused', SWAPPED],
  ['rolling in place', 'cut', IN_PLACE],
  ["rolling by Azure's own upgrade", 'cut', NATIVE],
  ["rolling by Azure's own upgrade", 'refused', NATIVE],
] as const)(
  '%s: each change in turn is %s, and the rollout gets through with no machine too many',
  { timeout: SHARE_MS },
  async ([, fate, job]) => {
    const { changes, launched } = await played(job, undefined, fate)
    expect(changes).toBeGreaterThan(8)
    const numbers = Array.from({ length: changes }, (_, number) => number)
    for (const number of share(numbers, 5)) {
      const unlucky = await played(job, number, fate)
      expect([number, unlucky.outcome, unlucky.images, unlucky.left]).toEqual([number, 'promoted', [NEW, NEW, NEW], []])
      expect([number, unlucky.launched]).toEqual([number, launched])
    }
  },
)

/** One rollout, in which a change has bad luck. */
async function played(job: Job, number: number | undefined, fate: keyof typeof FATES) {
  const site = await createSite()
  let changes = 0
  site.account.fateOf = (_operation, isRead) => (!isRead && changes++ === number ? FATES[fate] : undefined)
  const { rollout, images } = await roll(site, job)
  return {
    outcome: rollout.state.outcome,
    images: images(),
    left: leftovers(site),
    changes,
    launched: site.world.machines.launched,
  }
}
