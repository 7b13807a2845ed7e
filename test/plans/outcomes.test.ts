import { canary, rolling } from 'imago'
import { expect, test } from 'vitest'
import { createSite } from '../kit/index.ts'

const STRATEGY = canary({ weights: [34], bake: '30s' })

test('roll throws for every outcome but promoted, with the report; history lists them all', async () => {
  const site = createSite()
  const { fleet } = site.process()
  expect(await site.settled(fleet.history())).toEqual([])
  expect((await site.settled(fleet.roll({ image: 'img-2', strategy: STRATEGY }))).outcome).toBe('promoted')
  const error = await site.refused(fleet.roll({ image: 'img-sick', strategy: STRATEGY }), 'not-promoted')
  expect(error.facts).toMatchObject({ outcome: 'rolled-back', report: { image: 'sim:img-sick', outcome: 'rolled-back' } })
  expect(error.message).toContain(error.facts.next)
  const aborted = await site.settled(fleet.plan({ image: 'img-3', strategy: STRATEGY }).then((plan) => fleet.start(plan)))
  await site.settled(aborted.abort().then(() => aborted.run()))
  const unfinished = await site.settled(fleet.plan({ image: 'img-3', strategy: STRATEGY }).then((plan) => fleet.start(plan)))
  const history = await site.settled(fleet.history())
  expect(history.map((report) => report.outcome)).toEqual(['promoted', 'rolled-back', 'aborted', 'unfinished'])
  expect(history.at(-1)?.rolloutId).toBe(unfinished.id)
})

test('a canary by count says which shares whole instances make', async () => {
  const site = createSite({ router: { weights: false } })
  const { fleet } = site.process()
  const plan = await site.settled(fleet.plan({ image: 'img-2', strategy: canary({ weights: [5, 50] }) }))
  const note = "The fleet's routing is by count: 5 % is 1 of 3 instances, 33 %, 50 % is 2 of 3 instances, 67 %."
  expect(plan.notes).toContain(note)
  expect(plan.toString()).toContain(note)
})

test('a plan that rests on nothing but reads: nothing changes, and nothing is journaled', async () => {
  const site = createSite({ router: { weights: false } })
  const store = site.newStore()
  const { fleet } = site.process({ store })
  const before = JSON.stringify([...site.cloud.truth.groups.values()].map((group) => [group.sizes, group.holds]))
  await site.settled(fleet.plan({ image: 'img-2', strategy: rolling() }))
  await site.refused(fleet.plan({ image: 'img-1', strategy: rolling() }), 'unsupported')
  expect(JSON.stringify([...site.cloud.truth.groups.values()].map((group) => [group.sizes, group.holds]))).toBe(before)
  expect(await store.list('')).toEqual([])
})
