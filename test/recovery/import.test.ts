import { canary, isRolloutError, type Rollout } from 'imago'
import { describe, expect, test } from 'vitest'
import { createSite } from '../kit/index.ts'
import { FLEETS, left, lossySite, type Kind, type LossySite } from './kit.ts'

const STRATEGY = canary({ weights: [34, 67], bake: '30s' })
/** Looks after which the store is lost: early, in the middle of each step, late. */
const MOMENTS = [6, 9, 12, 15, 18, 22, 26, 30]

const DECISIONS = {
  promoted: (rollout: Rollout) => rollout.resume(),
  'rolled-back': (rollout: Rollout) => rollout.rollback({ reason: 'not sure what this is' }),
  aborted: (rollout: Rollout) => rollout.abort(),
} as const

describe.for(Object.keys(FLEETS) as Kind[])('a fleet (%s) whose store was lost', (kind) => {
  test.for(Object.keys(DECISIONS) as (keyof typeof DECISIONS)[])('can be %s from wherever it was', async (outcome) => {
    let imported = 0
    for (const turns of MOMENTS) {
      const site = lossySite(kind, true)
      await begun(site, turns)
      const { imago, fleet } = site.process()
      const claim = claimOf(site)
      const rollout = await site.settled(fleet.import({ takeOver: claim ?? '' }).catch((error: unknown) => refusal(error)))
      if (rollout === undefined) continue
      imported++
      expect(rollout.state.paused).toMatchObject({ by: 'ada' })
      await site.settled<unknown>(DECISIONS[outcome](rollout))
      const report = await site.settled(rollout.run())
      expect(report.outcome, `after ${turns} looks: ${report.reason}`).toBe(outcome)
      if (outcome !== 'aborted') expect(left(site.cloud), `after ${turns} looks`).toEqual(oneServes(kind, site, outcome))
      else expect(left(site.cloud).join(), `after ${turns} looks`).not.toMatch(/[1-9] marks/)
      await imago.close()
    }
    expect(imported).toBeGreaterThanOrEqual(3)
  })
})

test.for(['promoted', 'rolled-back'] as const)(
  'what was aborted while two groups served is refused, and can be %s by import',
  async (outcome) => {
    const site = createSite({ size: 4, router: { weights: false } })
    const { fleet } = site.process()
    const first = await site.started(fleet, canary({ weights: [50], bake: '1h' }))
    await site.until(first, (event) => event.type === 'gate.holding' && event.gate === 'bake')
    await site.settled(first.abort())
    expect(await site.settled(first.run())).toMatchObject({ outcome: 'aborted' })
    const { facts } = await site.refused(fleet.plan({ image: 'img-3', strategy: STRATEGY }), 'adoption-refused')
    expect(facts.found).toMatch(/^web(-v001)? serving beside web/)
    expect(facts.choices[0]).toContain('fleet.import()')
    const rollout = await site.settled(fleet.import())
    expect(rollout.state.plan).toMatchObject({ stable: { group: 'web' }, candidate: { group: 'web-v001' } })
    await site.settled<unknown>(DECISIONS[outcome](rollout))
    expect(await site.settled(rollout.run())).toMatchObject({ outcome })
    expect([...site.cloud.truth.groups.keys()]).toEqual([outcome === 'promoted' ? 'web-v001' : 'web'])
  },
)

test('while the claim of the lost store is good, importing names what one may do', async () => {
  const site = lossySite('clone, by weights')
  await begun(site, 12)
  const { fleet } = site.process()
  const error = await site.settled(fleet.import().catch((reason: unknown) => reason))
  if (!isRolloutError(error, 'adoption-refused')) return expect.fail(String(error))
  expect(error.facts.choices).toEqual([
    'use that store',
    'wait until the claim runs out',
    expect.stringMatching(/^if it is lost, \{ takeOver: '.*#1' \}$/),
  ])
  await site.pass(2 * 3_600_000)
  expect((await site.settled(fleet.import({ by: 'eve', reason: 'the disk is gone' }))).state.paused).toMatchObject({
    by: 'eve',
    reason: 'the disk is gone',
  })
})

test('nothing is changed until a person has decided', async () => {
  const site = lossySite('clone, by weights')
  await begun(site, 12)
  const before = left(site.cloud)
  const { fleet } = site.process()
  const rollout = await site.settled(fleet.import({ takeOver: claimOf(site) ?? '' }))
  await site.settled(Promise.all(Array.from({ length: 5 }, () => rollout.tick())))
  expect(left(site.cloud)).toEqual(before)
})

test('where the journal is there after all, and where no rollout was, it is refused', async () => {
  const site = lossySite('clone, by weights')
  const { fleet } = site.process()
  const none = await site.settled(fleet.import().catch((reason: unknown) => reason))
  expect(none).toMatchObject({ code: 'adoption-refused', facts: { choices: ['plan a rollout as usual'] } })
  await begun(site, 12, false)
  const there = await site.settled(fleet.import().catch((reason: unknown) => reason))
  expect(there).toMatchObject({ code: 'rollout-in-progress' })
})

async function begun(site: LossySite, turns: number, loses = true): Promise<void> {
  const { fleet, imago } = site.process()
  const rollout = await site.settled(fleet.plan({ image: 'img-2', strategy: STRATEGY }).then((plan) => fleet.start(plan)))
  for (let turn = 0; turn < turns; turn++) {
    await site.settled(rollout.tick())
    await site.pass(10_000)
  }
  if (!loses) return
  await site.settled(imago.close())
  site.loseStore()
}

function claimOf({ cloud }: LossySite): string | undefined {
  for (const group of cloud.truth.groups.values()) for (const hold of group.holds) if (hold.kind === 'claim') return hold.owner
  return undefined
}

/** Before anything was created, and after everything has ended, there is nothing to rebuild. */
function refusal(error: unknown): undefined {
  if (isRolloutError(error, 'adoption-refused')) return undefined
  throw error
}

function oneServes(kind: Kind, { cloud }: LossySite, outcome: string): string[] {
  const [group] = [...cloud.truth.groups.values()].filter((one) => !one.retiring)
  const name = outcome === 'rolled-back' || kind === 'in place' ? 'web' : 'web-v001'
  const images = group?.instances.filter((one) => one.machine.state === 'healthy').map((one) => one.machine.image) ?? []
  expect(new Set(images)).toEqual(new Set([outcome === 'promoted' ? 'img-2' : 'img-1']))
  // By count nobody can tell surge from demand any more: then there are rather more than fewer.
  expect(images.length).toBeGreaterThanOrEqual(3)
  expect(images.length).toBeLessThanOrEqual(kind === 'clone, by weights' ? 3 : 4)
  const weights = kind === 'clone, by weights' ? [`${name} 100`] : [expect.stringMatching(/ 100$/)]
  return [expect.stringMatching(new RegExp(`^${name} .*, minimum \\d, 0 marks$`)), ...weights]
}
