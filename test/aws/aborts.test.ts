import { rolling } from 'imago'
import { expect, test } from 'vitest'
import { abortInRetirement, LOSSES, type FateOf } from '../kit/aborts.ts'
import { share, SHARE_MS } from '../kit/share.ts'
import { NEW, setUpFleet } from './fleet.ts'
import { CLONED, newStore, startProcess } from './rolling.ts'
import { createSite, testTheWire } from './site.ts'
import { tracesOf } from './traces.ts'
import { isRead } from './wire/reads.ts'

/** The requests of a retirement, one after the other: who starts is protected no more, the group is emptied, and deleted. */
const REQUESTS = ['UpdateAutoScalingGroup', 'UpdateAutoScalingGroup', 'DeleteAutoScalingGroup']

const CASES = REQUESTS.flatMap((request, at) => LOSSES.map((loss) => [at + 1, request, loss] as const))

test.for(share(CASES, 3))(
  'a rollout that is aborted as request %i of stable’s retirement, %s, %s leaves the group to its owner, with nothing held on it',
  { timeout: SHARE_MS },
  async ([at, request, loss]) => {
    const site = await createSite()
    const { listener } = await setUpFleet(site, { size: 3, min: 1, max: 10, balancer: 'app' })
    site.publish(NEW)
    const { web } = startProcess(site, { listener, groups: CLONED, store: newStore(site) })
    const rollout = await web.start(await web.plan({ image: NEW, strategy: rolling({ maxSurge: 2 }) }))
    const befall = (fateOf: FateOf) => {
      site.account.fateOf = (_service, name) => (isRead(name) ? undefined : fateOf(name))
    }
    expect(await abortInRetirement({ world: site.world, befall }, rollout, { group: 'web', at, loss })).toBe(request)
    expect(rollout.state.outcome).toBe('aborted')
    expect(tracesOf(site.account, 1)).toEqual([])
  },
)

testTheWire()
