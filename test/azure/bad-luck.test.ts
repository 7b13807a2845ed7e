import { blueGreen, inPlace, rolling } from 'imago'
import { expect, test } from 'vitest'
import { share, SHARE_MS } from '../kit/share.ts'
import { NEW } from './fleet.ts'
import { CLONED, leftovers, roll, type Job } from './rolling.ts'
import { createSite } from './site.ts'

const SWAPPED: Job = { strategy: blueGreen({ bake: '30s' }), groups: CLONED, way: 'rules' }
const IN_PLACE: Job = { strategy: rolling({ maxSurge: 2 }), groups: inPlace('web') }

test.for([
  ['blue/green by rules', 'cut', SWAPPED],
  ['blue/green by rules', 'refused', SWAPPED],
  ['rolling in place', 'cut', IN_PLACE],
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
async function played(job: Job, number: number | undefined, fate: 'cut' | 'refused') {
  const site = await createSite()
  site.account.fateOf = (change) => (change === number ? fate : undefined)
  const { rollout, images } = await roll(site, job)
  return {
    outcome: rollout.state.outcome,
    images: images(),
    left: leftovers(site),
    changes: site.account.changes,
    launched: site.world.machines.launched,
  }
}
