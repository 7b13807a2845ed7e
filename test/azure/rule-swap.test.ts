import { clone, isRolloutError, type FleetTarget } from 'imago'
import { azure, loadBalancer, ruleSwap, type AzureCloud } from 'imago/azure'
import { expect, test } from 'vitest'
import { setUpFleet } from './fleet.ts'
import { createSite, type Site } from './site.ts'

const [WEB, NEXT] = ['web-lb/web', 'web-v001']

test('all of the traffic goes to another pool in one write, and what is not named gets none', async () => {
  const { router, weights, settle, site } = await swapping()
  await settle(router.setWeights(target, { [WEB]: 100 }, { [NEXT]: 100 }, call()))
  expect(await weights()).toEqual({ [WEB]: 0, [NEXT]: 100 })
  expect([...site.account.balancers.get('web-lb')!.rules]).toEqual([['http', NEXT]])
  // Asked for again it is no more what was expected; asked for as it is, nothing is written.
  await expect(router.setWeights(target, { [WEB]: 100 }, { [NEXT]: 100 }, call())).rejects.toMatchObject(CONFLICT)
  await router.setWeights(target, { [NEXT]: 100 }, { [NEXT]: 100 }, call())
  expect(writes(site)).toEqual(['loadBalancers.createOrUpdate', 'loadBalancers.createOrUpdate'])
})

test('of two writes at once that expect the same one lands', async () => {
  const { router, weights, site } = await swapping()
  const both = await Promise.allSettled([
    router.setWeights(target, { [WEB]: 100 }, { [NEXT]: 100 }, call()),
    router.setWeights(target, { [WEB]: 100 }, { [NEXT]: 100, [WEB]: 0 }, call()),
  ])
  expect(both.map((one) => one.status).toSorted()).toEqual(['fulfilled', 'rejected'])
  expect(await weights()).toEqual({ [WEB]: 0, [NEXT]: 100 })
  expect(writes(site).length).toBe(3)
})

test('a pool that somebody else has made is not taken for a route', async () => {
  const { router, site } = await swapping()
  site.account.balancers.get('web-lb')!.pools.set('web-v002', new Map())
  await expect(router.prepare(target, 'web-v002', call())).rejects.toMatchObject(CONFLICT)
  await router.release(target, 'web-v002', call())
  expect([...site.account.balancers.get('web-lb')!.pools.keys()]).toEqual(['web', NEXT, 'web-v002'])
})

test('a set is made in a pool that was made, though no set of the fleet is in any pool any more: a tag tells which', async () => {
  const { cloud, router, settle, site } = await swapping()
  await settle(router.leave(target, WEB, 'web', 'all', call()))
  // It is on the second page.
  const own = site.account.balancers.get('web-lb')!
  site.account.balancers.delete('web-lb')
  site.account.balancers.set('other-lb', { ...own, tags: {} }).set('web-lb', own)
  site.account.pageSize = 1
  const { releases, groups } = await cloud.describe(target, call())
  const release = releases[groups[0]!.release]!
  const request = { group: NEXT, release, sealed: null, like: 'web', size: 1, rolloutId: 'contract#1' }
  const other = cloud.ensureGroup(target, { ...request, binding: 'web-v002' }, call())
  await expect(other).rejects.toMatchObject({ facts: { class: 'not-found' } })
  await settle(cloud.ensureGroup(target, { ...request, binding: NEXT }, call()))
  expect((await router.look(target, call())).routing.routes.find((one) => one.binding === NEXT)?.groups).toEqual([NEXT])
})

test('machines leave a pool before it is deleted; the pool of the owner stays when it is no route any more', async () => {
  const { cloud, router, settle, site } = await swapping()
  const { groups } = await cloud.describe(target, call())
  await settle(router.setWeights(target, { [WEB]: 100 }, { [NEXT]: 100 }, call()))
  await settle(router.release(target, WEB, call()))
  expect((await router.look(target, call())).routing.routes.map((one) => one.binding)).toEqual([NEXT])
  expect([...site.account.cards.values()].flatMap((one) => one.pools)).toEqual([])
  expect([...site.account.balancers.get('web-lb')!.pools.keys()]).toEqual(['web', NEXT])
  expect((await cloud.describe(target, call())).groups[0]?.instances).toEqual(groups[0]!.instances)
})

test('nothing that a load balancer says of itself is lost when it is written', async () => {
  const { site } = await swapping()
  const [written] = site.account.requests.filter((one) => one.operation === 'loadBalancers.createOrUpdate')
  expect(written?.body).toMatchObject({
    sku: { name: 'Standard', tier: 'Regional' },
    tags: { team: 'shop', 'imago:route:web-v001': 'azure:11111111-2222-3333-4444-555555555555/shop/web' },
    properties: { loadBalancingRules: [{ name: 'http', properties: { allowBackendPortConflict: false, frontendPort: 80 } }] },
  })
})

test('routers that cannot be made are refused with every problem at once', async () => {
  const cloud = azure((await createSite()).access)
  const wrong: [() => unknown, string[]][] = [
    [
      () => loadBalancer({} as AzureCloud, { loadBalancer: '', pool: 'a/b' }),
      ['cloud: found object', 'loadBalancer: found ""', 'pool: found "a/b"'],
    ],
    [
      () => ruleSwap(cloud, { loadBalancer: 'web-lb', rules: [] }),
      ['rules: found a list of 0; allowed: the name of one rule or more'],
    ],
  ]
  for (const [make, problems] of wrong) {
    try {
      make()
      expect.unreachable()
    } catch (error) {
      if (!isRolloutError(error, 'spec-invalid')) throw error
      for (const one of problems) expect(error.message).toContain(one)
    }
  }
})

const CONFLICT = { facts: { class: 'conflict' } }
const target: FleetTarget = { name: 'web', placement: clone({ adopt: 'web' }), handles: [] }

/** A fleet behind one rule, and a second route without traffic. */
async function swapping() {
  const site = await createSite()
  setUpFleet(site, { mode: 'Flexible', pool: WEB })
  const cloud = azure(site.access)
  const router = ruleSwap(cloud, { loadBalancer: 'web-lb', rules: ['http'] })
  const settle = async (change: Promise<unknown>) => {
    await change
    site.world.runUntil(site.world.now + 10_000)
  }
  const weights = async () => {
    const { routing } = await router.look(target, call())
    return Object.fromEntries(routing.routes.map((one) => [one.binding, one.weight]))
  }
  await settle(router.prepare(target, NEXT, call()))
  return { site, cloud, router, settle, weights }
}

function writes({ account }: Site): string[] {
  return account.requests.filter((one) => one.method !== 'GET').map((one) => one.operation)
}

function call() {
  return { signal: new AbortController().signal, token: 't' }
}
