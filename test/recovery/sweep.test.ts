import { blueGreen, canary, type Rollout, type RolloutSpec } from 'imago'
import { expect, test } from 'vitest'
import { left, lossySite, type LossySite } from './kit.ts'

const HOUR_MS = 3_600_000
const HORIZON_MS = 60_000
const STRATEGY = blueGreen({ bake: '1h' })

/** A rollout of a fleet with an autoscaler, as far as this event. */
async function begun(
  site: LossySite,
  type: 'waypoint.ready' | 'traffic.shifted',
  strategy: RolloutSpec['strategy'] = STRATEGY,
): Promise<Rollout> {
  const rollout = await site.started(site.process().fleet, strategy)
  await site.until(rollout, (event) => event.type === type)
  return rollout
}

test('what an aborted rollout left behind is retired, and its report handed over', async () => {
  const site = lossySite('clone, by weights')
  const rollout = await begun(site, 'traffic.shifted')
  await site.settled(rollout.abort())
  await site.settled(rollout.run())
  expect(left(site.cloud)).toHaveLength(4)
  const swept = await site.settled(site.process().imago.sweep({ by: 'eve', reason: 'it is Friday' }))
  expect(swept).toMatchObject([{ fleet: 'web', marks: [], rollout: { outcome: 'rolled-back', leftovers: [] } }])
  expect(swept[0]?.rollout?.reason).toBe('eve swept what earlier rollouts had left behind')
  expect(left(site.cloud)).toEqual(['web {"img-1":3}, minimum 0, 0 marks', 'web 100'])
})

test('a fleet that is clean, and one with a rollout under way, are left alone', async () => {
  const site = lossySite('clone, by weights')
  const { writes } = site.cloud.calls
  expect(await site.settled(site.process().imago.sweep())).toEqual([{ fleet: 'web', marks: [] }])
  expect(site.cloud.calls.writes).toBe(writes)
  const rollout = await begun(site, 'waypoint.ready')
  const [swept] = await site.settled(site.process().imago.sweep())
  expect(swept).toEqual({ fleet: 'web', marks: [], skipped: expect.stringContaining(rollout.id) })
})

test('marks of a lost rollout are undone once they have run out and no late call can renew them, the claim last', async () => {
  const site = lossySite('clone, by weights', true)
  const rollout = await site.started(site.process().fleet, STRATEGY)
  await site.until(rollout, () => rollout.state.held.length === 2)
  site.loseStore()
  const { imago } = site.process()
  const claimed = expect.stringContaining(`claimed by ${rollout.id}`)
  expect(await site.settled(imago.sweep())).toEqual([{ fleet: 'web', marks: [], skipped: claimed }])
  const runsOutAt = Math.max(
    ...[...site.cloud.truth.groups.values()].flatMap((group) => group.holds.map((hold) => hold.expiresAt)),
  )
  await site.pass(runsOutAt + HORIZON_MS - 1_000 - site.world.now)
  expect(await site.settled(imago.sweep())).toEqual([{ fleet: 'web', marks: [] }])
  expect(left(site.cloud)[0]).toBe('web {"img-1":3}, minimum 3, 2 marks')
  await site.pass(1_000)
  const marks = ['scale-in', 'claim'].map((kind) => ({ group: 'web', kind, owner: rollout.id }))
  expect(await site.settled(imago.sweep())).toEqual([{ fleet: 'web', marks }])
  expect(left(site.cloud)[0]).toBe('web {"img-1":3}, minimum 0, 0 marks')
})

test('while two groups serve, only a person can say which of them shall', async () => {
  const site = lossySite('clone, by weights')
  await begun(site, 'traffic.shifted', canary({ weights: [34], bake: '1h' }))
  site.loseStore()
  await site.pass(2 * HOUR_MS)
  const before = left(site.cloud)
  const [swept] = await site.settled(site.process().imago.sweep())
  expect(swept).toMatchObject({
    marks: [],
    skipped: expect.stringMatching(/web-v001 serving beside web, .*fleet\.import/),
  })
  expect(left(site.cloud)).toEqual(before)
})
