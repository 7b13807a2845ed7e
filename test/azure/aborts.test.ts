import { blueGreen } from 'imago'
import { expect, test } from 'vitest'
import { abortInRetirement, LOSSES, type FateOf } from '../kit/aborts.ts'
import { share, SHARE_MS } from '../kit/share.ts'
import { CLONED, setUp } from './rolling.ts'
import { createSite } from './site.ts'
import { tracesOf } from './traces.ts'

/** The requests of a retirement, one after the other. */
const REQUESTS = ['autoscaleSettings.delete', 'virtualMachineScaleSets.update', 'virtualMachineScaleSets.delete']

const CASES = REQUESTS.flatMap((request, at) => LOSSES.map((loss) => [request, loss, at + 1] as const))

test.for(share(CASES, 3))(
  'a rollout that is aborted as the %s of stable’s retirement %s leaves the set to its owner, with nothing held on it',
  { timeout: SHARE_MS },
  async ([request, loss, at]) => {
    const site = await createSite()
    const { web, image } = setUp(site, { groups: CLONED, way: 'rules' })
    const rollout = await web.start(await web.plan({ image, strategy: blueGreen({ bake: '30s' }) }))
    const befall = (fateOf: FateOf) => {
      site.account.fateOf = (name, isRead) => (isRead ? undefined : fateOf(name))
    }
    expect(await abortInRetirement({ world: site.world, befall }, rollout, { group: 'web', at, loss })).toBe(request)
    expect(rollout.state.outcome).toBe('aborted')
    expect(tracesOf(site.account, 1)).toEqual([])
  },
)
