import { rolling, type Rollout } from 'imago'
import { describe, expect, test } from 'vitest'
import { FLEETS, lossySite, type Kind, type LossySite } from './kit.ts'

const STRATEGY = rolling({ soak: '10s', progressDeadline: '10m' })

const DECISIONS = {
  promoted: (rollout: Rollout) => rollout.resume(),
  'rolled-back': (rollout: Rollout) => rollout.rollback(),
} as const

/** Instances that run, and that their route has let go of. */
function takenOut({ cloud }: LossySite, image?: string): string[] {
  return [...cloud.truth.groups.values()].flatMap((group) =>
    group.instances
      .filter((one) => one.machine.state === 'healthy' && !one.terminating && !one.serving)
      .filter((one) => image === undefined || one.machine.image === image)
      .map((one) => one.machine.id),
  )
}

function serving({ cloud }: LossySite): string[] {
  return [...cloud.truth.groups.values()].flatMap((group) =>
    group.instances.filter((one) => one.serving).map((one) => one.machine.image),
  )
}

/** A rollout whose store is lost while an instance of this image is out of its route. */
async function lose(site: LossySite, image: string): Promise<Rollout> {
  const { fleet, imago } = site.process()
  const rollout = await site.settled(fleet.plan({ image: 'img-2', strategy: STRATEGY }).then((plan) => fleet.start(plan)))
  for (let turn = 0; turn < 100 && takenOut(site, image).length === 0; turn++) {
    await site.settled(rollout.tick())
    await site.pass(5_000)
  }
  expect(takenOut(site, image)).not.toEqual([])
  await site.settled(imago.close())
  site.loseStore()
  return await site.settled(site.process().fleet.import({ takeOver: rollout.id }))
}

async function ends(site: LossySite, rollout: Rollout, outcome: keyof typeof DECISIONS): Promise<void> {
  await site.settled<unknown>(DECISIONS[outcome](rollout))
  const report = await site.settled(rollout.run())
  expect(report.outcome, report.reason).toBe(outcome)
  expect(takenOut(site)).toEqual([])
  const images = serving(site)
  expect(new Set(images)).toEqual(new Set([outcome === 'promoted' ? 'img-2' : 'img-1']))
  expect(images.length).toBeGreaterThanOrEqual(3)
}

describe.for(Object.keys(FLEETS) as Kind[])(
  'a fleet (%s) of which the lost rollout had taken an instance out of its route',
  (kind) => {
    test.for(Object.keys(DECISIONS) as (keyof typeof DECISIONS)[])('is %s', async (outcome) => {
      const site = lossySite(kind)
      await ends(site, await lose(site, 'img-1'), outcome)
    })
  },
)

test('generations that share a route are told apart by count alone, whatever the router can do', async () => {
  const site = lossySite('clone, by weights')
  const rollout = await lose(site, 'img-1')
  expect(rollout.state.plan.strategy.name).toBe('rolling')
})
