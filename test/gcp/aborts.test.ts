import { rolling } from 'imago'
import { expect, test } from 'vitest'
import { abortInRetirement, LOSSES, type FateOf } from '../kit/aborts.ts'
import { share, SHARE_MS } from '../kit/share.ts'
import { setUp } from './rolling.ts'
import { createSite, testTheWire } from './site.ts'
import { tracesOf } from './traces.ts'

/** The requests of a retirement, one after the other. */
const REQUESTS = ['instanceGroupManagers.patch', 'autoscalers.delete', 'backendServices.patch', 'instanceGroupManagers.delete']

const CASES = REQUESTS.flatMap((request, at) => LOSSES.map((loss) => [request, loss, at + 1] as const))

test.for(share(CASES, 8))(
  'a rollout that is aborted as the %s of stable’s retirement %s leaves the group to its owner, with nothing held on it',
  { timeout: SHARE_MS },
  async ([request, loss, at]) => {
    const site = await createSite()
    const strategy = rolling({ maxSurge: 2 })
    const { web, image } = setUp(site, { strategy, balancer: 'backend service' })
    const rollout = await web.start(await web.plan({ image, strategy }))
    const befall = (fateOf: FateOf) => {
      site.project.fateOf = (name, isRead) => (isRead ? undefined : fateOf(name))
    }
    expect(await abortInRetirement({ world: site.world, befall }, rollout, { group: 'web', at, loss })).toBe(request)
    expect(rollout.state.outcome).toBe('aborted')
    expect(tracesOf(site.project, 1)).toEqual([])
  },
)

testTheWire()
