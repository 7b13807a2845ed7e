import { blueGreen, canary, inPlace, rolling } from 'imago'
import { expect, test } from 'vitest'
import { share } from '../kit/share.ts'
import { REGION, ZONE } from './fleet.ts'
import { leftovers, loseTwo, NEW, OLD, roll } from './rolling.ts'
import { createSite, testTheWire, type Site } from './site.ts'

const strategies = {
  'blue/green': { strategy: blueGreen({ bake: '2m' }) },
  'canary by weights': { strategy: canary({ weights: [5, 50], bake: '2m' }) },
  'canary by count': { strategy: canary({ weights: [34, 67], bake: '30s' }), balancer: 'backend service' },
  rolling: { strategy: rolling({ maxSurge: 2 }), balancer: 'backend service' },
  'rolling in place': { strategy: rolling({ maxSurge: 2 }), groups: inPlace('web') },
} as const

const [zonal, regional] = [
  ['blue/green', 'canary by weights', 'canary by count', 'rolling', 'rolling in place'] as const,
  ['blue/green', 'rolling in place'] as const,
]
const everywhere = [...zonal.map((name) => [name, ZONE] as const), ...regional.map((name) => [name, REGION] as const)]

test.for(share(everywhere, 5))('%s replaces a group of %s', async ([name, location]) => {
  const site = await createSite()
  const { rollout, images } = await roll(site, { ...strategies[name], location })
  expect(rollout.state.outcome).toBe('promoted')
  expect(images()).toEqual([NEW, NEW, NEW])
  expect(leftovers(site)).toEqual([])
})

test.for(share(everywhere, 5))('%s of an image that never answers is rolled back, in %s', async ([name, location]) => {
  const site = await createSite()
  const { rollout, images } = await roll(site, { ...strategies[name], location, behaviour: { kind: 'never-healthy' } })
  expect(rollout.state.outcome).toBe('rolled-back')
  expect(images()).toEqual([OLD, OLD, OLD])
  expect(leftovers(site)).toEqual([])
})

const lossy = ['blue/green', 'canary by weights', 'rolling in place'] as const

test.for(share(lossy, 5))(
  '%s ends well where of each kind of change the first never arrives, and the second is never answered',
  async (name) => {
    const site = await createSite()
    const sent = loseTwo(site)
    const { rollout, images } = await roll(site, { ...strategies[name] })
    expect([...sent.values()].filter((count) => count < 2)).toEqual([])
    expect(rollout.state.outcome).toBe('promoted')
    expect(images()).toEqual([NEW, NEW, NEW])
    expect(leftovers(site)).toEqual([])
  },
)

test('a group that updates itself by shares of its size is cloned while its clone is too small for them, and has them in the end', async () => {
  const site = await createSite()
  const shares = { surge: { percent: 20 }, unavailable: { percent: 0 } }
  const before = ({ project }: Site) => void Object.assign([...project.groups.values()][0]!, shares)
  const { rollout } = await roll(site, { strategy: canary({ weights: [10], bake: '2m' }), size: 12, before })
  expect(rollout.state.outcome).toBe('promoted')
  expect([...site.project.groups.values()]).toMatchObject([{ targetSize: 12, ...shares }])
  expect(leftovers(site)).toEqual([])
})

test.for([
  ['a zone', ZONE, { fixed: 1 }],
  ['a region', REGION, { fixed: 3 }],
] as const)('the shares of a group of %s that has become too small for them are the numbers that they come to', async (row) => {
  const [, location, surge] = row
  const site = await createSite()
  const before = ({ project }: Site) =>
    void Object.assign([...project.groups.values()][0]!, { surge: { percent: 20 }, unavailable: { percent: 0 } })
  const { rollout } = await roll(site, {
    strategy: rolling({ by: 'native', maxSurge: 3 }),
    groups: inPlace('web'),
    location,
    before,
  })
  expect(rollout.state.outcome).toBe('promoted')
  expect([...site.project.groups.values()]).toMatchObject([{ surge, unavailable: { fixed: 0 } }])
  expect(leftovers(site)).toEqual([])
})

testTheWire()
