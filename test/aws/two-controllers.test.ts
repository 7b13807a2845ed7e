import { blueGreen, isRolloutError } from 'imago'
import { memoryStore } from 'imago/stores/memory'
import { expect, test } from 'vitest'
import { NEW, setUpFleet } from './fleet.ts'
import { CLONED, drive, leftovers, newStore, startProcess, staying } from './rolling.ts'
import { createSite, testTheWire } from './site.ts'

const STRATEGY = blueGreen({ bake: '30s' })

test('a controller with another store is refused by the claim on the group, with all of it named', async () => {
  const site = await createSite()
  const { listener } = await setUpFleet(site)
  const own = startProcess(site, { listener, groups: CLONED, store: newStore(site), name: 'first' })
  const rollout = await own.web.start(await own.web.plan({ image: NEW, strategy: STRATEGY }))
  await drive(site, rollout, 3)
  const store = memoryStore({ now: () => site.world.now, id: 'another' })
  const other = startProcess(site, { listener, groups: CLONED, store, name: 'second' })
  const refused: unknown = await other.web.plan({ image: NEW, strategy: STRATEGY }).catch((error: unknown) => error)
  if (!isRolloutError(refused, 'adoption-refused')) throw refused
  expect(refused.facts.found).toMatch(
    /^web is claimed by aws:123456789012\/eu-west-1\/.*#1, whose journal is in another store \(store\), until 20\d\d-/,
  )
  expect(refused.facts.choices).toContain('use that store')
  await drive(site, rollout)
  expect(rollout.state.outcome).toBe('promoted')
  expect(leftovers(site)).toEqual([])
})

test('of two that planned before either began, one rolls and the other ends with nothing touched', async () => {
  const site = await createSite()
  const { listener } = await setUpFleet(site)
  const stores = ['one', 'other'].map((id) => memoryStore({ now: () => site.world.now, id }))
  const [first, second] = stores.map((store, index) => startProcess(site, { listener, groups: CLONED, store, name: `p${index}` }))
  const plans = await Promise.all([first!, second!].map((one) => one.web.plan({ image: NEW, strategy: STRATEGY })))
  const rollouts = [await first!.web.start(plans[0]!), await second!.web.start(plans[1]!)]
  for (let turn = 0; turn < 400 && rollouts.some((one) => one.state.phase !== 'done'); turn++)
    for (const one of rollouts) await drive(site, one, 1)
  expect(rollouts.map((one) => one.state.outcome)).toEqual(['promoted', 'rolled-back'])
  const { reason, next } = await rollouts[1]!.report()
  expect(reason).toMatch(/holds it until/)
  expect(next).toMatch(/^nothing was touched: the fleet is rolled by .*#1, whose journal is in the store one$/)
  expect(staying(site).map((one) => one.image)).toEqual([NEW, NEW, NEW])
  expect(leftovers(site)).toEqual([])
})

testTheWire()
