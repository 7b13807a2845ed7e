import { blueGreen, canary, inPlace, rolling } from 'imago'
import { expect, test } from 'vitest'
import { share } from '../kit/share.ts'
import { NEW, OLD, type FleetSettings } from './fleet.ts'
import { CLONED, drive, leftovers, newStore, roll, startProcess } from './rolling.ts'
import { createSite } from './site.ts'

const strategies = {
  'blue/green by rules': [blueGreen({ bake: '2m' }), CLONED, 'rules'],
  'rolling in place behind rules': [rolling({ maxSurge: 2 }), inPlace('web'), 'rules'],
  'blue/green by a gateway': [blueGreen({ bake: '2m' }), CLONED, 'a gateway'],
  'rolling in place behind a gateway': [rolling({ maxSurge: 2 }), inPlace('web'), 'a gateway'],
  'canary by count': [canary({ weights: [34, 67], bake: '2m' }), CLONED, 'a pool'],
  'canary by count in place': [canary({ weights: [34, 67], bake: '2m' }), inPlace('web'), 'a pool'],
  'rolling clone': [rolling({ maxSurge: 2 }), CLONED, 'a pool'],
  'rolling in place': [rolling({ maxSurge: 2 }), inPlace('web'), 'a pool'],
} as const

const NAMES = Object.keys(strategies) as (keyof typeof strategies)[]
/** Both modes of scale sets, one of them over zones. */
const KINDS = NAMES.flatMap((name) => (['Flexible', 'Uniform'] as const).map((mode) => [name, mode] as const))

test.for(share(KINDS, 6))('%s replaces a %s scale set behind a load balancer', async ([name, mode]) => {
  const site = await createSite()
  const [strategy, groups, way] = strategies[name]
  const { rollout, images } = await roll(site, { strategy, groups, way, settings: settingsOf(mode) })
  expect(rollout.state.outcome).toBe('promoted')
  expect(images()).toEqual([NEW, NEW, NEW])
  expect(leftovers(site)).toEqual([])
})

test.for(share(KINDS, 6))('%s of an image that never answers is rolled back, %s', async ([name, mode]) => {
  const site = await createSite()
  const [strategy, groups, way] = strategies[name]
  const { rollout, images } = await roll(site, {
    strategy,
    groups,
    way,
    settings: settingsOf(mode),
    behaviour: { kind: 'never-healthy' },
  })
  expect(rollout.state.outcome).toBe('rolled-back')
  expect(images()).toEqual([OLD, OLD, OLD])
  expect(leftovers(site)).toEqual([])
})

test('operations that take as long as genuine ones hold a rollout up, and nothing else', async () => {
  const site = await createSite()
  site.account.operationMs = 90_000
  const strategy = blueGreen({ bake: '2m' })
  const { rollout, images } = await roll(site, { strategy, groups: CLONED, way: 'rules' })
  expect(rollout.state.outcome).toBe('promoted')
  expect(images()).toEqual([NEW, NEW, NEW])
  expect(leftovers(site)).toEqual([])
})

test('a rollout of launch settings and a second one after it: each clone is found by its mark, and takes over from the other', async () => {
  const site = await createSite()
  site.account.sizes.set('Standard_D4s_v5', { architecture: 'x64', generations: 'V2' })
  const launch = { sku: { name: 'Standard_D4s_v5' } }
  const { rollout } = await roll(site, { strategy: blueGreen({ bake: '30s' }), groups: CLONED, way: 'rules', launch })
  expect(rollout.state.outcome).toBe('promoted')
  // By who has no journal of it, once the set that was adopted is gone.
  const { web, imago } = startProcess(site, { groups: CLONED, store: newStore(site), way: 'rules', name: 'stranger' })
  expect((await web.describe()).groups.map((one) => one.id)).toEqual(['web-v001'])
  const next = await web.start(await web.plan({ image: site.publish('1.0.2'), strategy: blueGreen({ bake: '30s' }) }))
  await drive(site, next)
  await imago.close()
  expect(next.state.outcome).toBe('promoted')
  const [set] = [...site.account.sets.values()]
  expect([set!.name, set!.model.sku, [...site.account.balancers.get('web-lb')!.pools.keys()]]).toEqual([
    'web-v002',
    { name: 'Standard_D4s_v5', tier: 'Standard', capacity: 3 },
    ['web', 'web-v002'],
  ])
  expect(leftovers(site)).toEqual([])
})

test('blue/green behind one pool is refused when it is planned', async () => {
  const refused = roll(await createSite(), { strategy: blueGreen(), groups: CLONED })
  await expect(refused).rejects.toThrow(/a pool of a load balancer shares connections among its members, without weights/)
})

test('a share of the traffic is refused with rules before anything is touched, and never rounded up to all of it', async () => {
  const site = await createSite()
  const rolled = roll(site, { strategy: canary({ weights: [5, 50] }), groups: CLONED, way: 'rules' })
  const found = (weights: string) => `${weights}, though a rule sends to one pool, with all of the traffic`
  const allowed = '0 or 100; or blue/green, or loadBalancer(), which shares by the number of instances'
  await expect(rolled).rejects.toMatchObject({
    code: 'spec-invalid',
    facts: {
      problems: ['95 % and 5 %', '50 % and 50 %'].map((weights) => ({ found: found(weights), allowed })),
    },
  })
  expect(leftovers(site)).toEqual([])
})

/** Sets that repair their instances by themselves, which is put back as it was. */
function settingsOf(mode: 'Flexible' | 'Uniform'): FleetSettings {
  return { mode, zonal: mode === 'Flexible', properties: { automaticRepairsPolicy: { enabled: true, gracePeriod: 'PT30M' } } }
}
