import { blueGreen, canary, inPlace, rolling } from 'imago'
import { expect, test } from 'vitest'
import { createSite } from '../kit/index.ts'

const NOTE = 'The fleet has no instances: where none is needed to carry a weight, nothing runs that could prove the release.'

test.for([
  ['blue/green by weights', blueGreen({ bake: '1m' }), { weights: true }, undefined, { 'web-v001': { 'img-2': 1 } }],
  ['canary by weights', canary({ weights: [50], bake: '1m' }), { weights: true }, undefined, { 'web-v001': { 'img-2': 1 } }],
  ['canary by count', canary({ weights: [50], bake: '1m' }), { weights: false }, undefined, { 'web-v001': { 'img-2': 0 } }],
  ['rolling', rolling(), { weights: false }, undefined, { 'web-v001': { 'img-2': 0 } }],
  ['rolling in place', rolling(), { weights: false }, inPlace('web'), { web: { 'img-2': 0 } }],
] as const)('a fleet without instances is rolled too: %s', async ([, strategy, router, groups, left]) => {
  const site = createSite({ size: 0, router })
  const { fleet } = site.process(groups === undefined ? {} : { groups })
  const plan = await site.settled(fleet.plan({ image: 'img-2', strategy }))
  expect(plan.notes).toContain(NOTE)
  const rollout = await site.settled(fleet.start(plan))
  expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted' })
  expect(Object.fromEntries([...site.cloud.truth.groups.values()].map((group) => [group.id, group.sizes]))).toEqual(left)
})
