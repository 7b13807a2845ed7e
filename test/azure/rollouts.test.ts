import { canary, inPlace, rolling } from 'imago'
import { expect, test } from 'vitest'
import { NEW, OLD } from './fleet.ts'
import { CLONED, leftovers, roll } from './rolling.ts'
import { createSite } from './site.ts'

const strategies = {
  'canary by count': [canary({ weights: [34, 67], bake: '2m' }), CLONED],
  'canary by count in place': [canary({ weights: [34, 67], bake: '2m' }), inPlace('web')],
  'rolling clone': [rolling({ maxSurge: 2 }), CLONED],
  'rolling in place': [rolling({ maxSurge: 2 }), inPlace('web')],
} as const

const NAMES = Object.keys(strategies) as (keyof typeof strategies)[]

test.for(NAMES)('%s replaces a scale set behind a load balancer', async (name) => {
  const site = await createSite()
  const [strategy, groups] = strategies[name]
  const { rollout, images } = await roll(site, { strategy, groups })
  expect(rollout.state.outcome).toBe('promoted')
  expect(images()).toEqual([NEW, NEW, NEW])
  expect(leftovers(site)).toEqual([])
})

test.for(NAMES)('%s of an image that never answers is rolled back', async (name) => {
  const site = await createSite()
  const [strategy, groups] = strategies[name]
  const { rollout, images } = await roll(site, { strategy, groups, behaviour: { kind: 'never-healthy' } })
  expect(rollout.state.outcome).toBe('rolled-back')
  expect(images()).toEqual([OLD, OLD, OLD])
  expect(leftovers(site)).toEqual([])
})
