import { blueGreen, clone, type FleetTarget } from 'imago'
import { applicationGateway, azure, azurePermissions, type ApplicationGatewayOptions, type AzureFeature } from 'imago/azure'
import { expect, test } from 'vitest'
import { setUpFleet } from './fleet.ts'
import { CLONED, drive, leftovers, newStore, PLACE, startProcess } from './rolling.ts'
import { createSite, type Site } from './site.ts'

const [WEB, NEXT] = ['web-gw/web', 'web-v001']
const MINUTE = 60_000

test('one write points a rule, the rest of a rule that goes by paths, and one of its paths; other rules keep their pool', async () => {
  const { router, settle, site, rules } = await gateway({ gateway: 'web-gw', rules: ['http', 'paths', 'paths/API'] })
  rules.set('paths/other', 'web')
  await settle(router.setWeights(target, { [WEB]: 100 }, { [NEXT]: 100 }, call()))
  expect(Object.fromEntries(rules)).toEqual({ http: NEXT, paths: NEXT, 'paths/api': NEXT, 'paths/other': 'web' })
  expect(writes(site)).toEqual(['applicationGateways.createOrUpdate', 'applicationGateways.createOrUpdate'])
})

test('nothing that a gateway says of itself is lost when it is written', async () => {
  const { site, router, settle } = await gateway()
  await settle(router.setWeights(target, { [WEB]: 100 }, { [NEXT]: 100 }, call()))
  expect(site.account.requests.findLast((one) => one.method === 'PUT')?.body).toMatchObject({
    tags: { team: 'shop', 'imago:route:web-v001': 'azure:11111111-2222-3333-4444-555555555555/shop/web' },
    properties: {
      sku: { name: 'Standard_v2' },
      entraJWTValidationConfigs: [],
      requestRoutingRules: [
        { name: 'http', properties: { priority: 10 } },
        { name: 'paths', properties: { ruleType: 'PathBasedRouting' } },
        { name: 'to-https', properties: { redirectConfiguration: {} } },
      ],
    },
  })
})

test('a rule that is not there, or sends to no pool, is not-found with those that do', async () => {
  for (const rule of ['nowhere', 'to-https', 'paths/nowhere']) {
    const { router } = await gateway({ gateway: 'web-gw', rules: [rule] }, { isPrepared: false })
    await expect(router.look(target, call())).rejects.toMatchObject({
      message: expect.stringMatching(
        `The application gateway web-gw has no rule ${rule} that sends to a pool; there are: http, paths, paths/api`,
      ) as unknown,
      facts: { class: 'not-found' },
    })
  }
})

test('while a gateway is being updated it is written by nobody else, and nothing it says is taken for true', async () => {
  const { router, site } = await gateway()
  site.account.operationMs = 20 * MINUTE
  const { handle = '' } = await router.setWeights(target, { [WEB]: 100 }, { [NEXT]: 100 }, call())
  expect(handle).toMatch(/^\/subscriptions\/.+\/Microsoft\.Network\/locations\/westeurope\/operations\//)
  const during = await router.look(target, call())
  expect(weightsOf(during)).toEqual({ [WEB]: 0, [NEXT]: 100 })
  expect(during.facts.propagationMs).toBeGreaterThan(20 * MINUTE)
  await expect(router.setWeights(target, { [NEXT]: 100 }, { [WEB]: 100 }, call())).rejects.toMatchObject({
    facts: { class: 'conflict', native: 'AnotherOperationInProgress' },
  })
  site.world.runUntil(site.world.now + 20 * MINUTE)
  const after = await router.look(target, call())
  // What is under way may finish for 30 s, as the backend settings say.
  expect(after.facts).toMatchObject({ propagationMs: 105_000, drainDeadlineMs: 30 * MINUTE + 30_000, conditional: { can: true } })
})

test('a write over what somebody else has written since is refused', async () => {
  const { router, site, settle } = await gateway()
  const gate = site.account.balancers.get('web-gw')!
  const both = await Promise.allSettled([
    router.setWeights(target, { [WEB]: 100 }, { [NEXT]: 100 }, call()),
    router.setWeights(target, { [WEB]: 100 }, { [NEXT]: 100, [WEB]: 0 }, call()),
  ])
  expect(both.map((one) => one.status).toSorted()).toEqual(['fulfilled', 'rejected'])
  await settle(Promise.resolve())
  expect(gate.rules.get('http')).toBe(NEXT)
})

test('an instance that leaves is out of the pool and stays so when its set joins again; a set that left brings all of its back', async () => {
  const { cloud, router, site, settle } = await gateway()
  const { groups } = await cloud.describe(target, call())
  const [first = '', ...others] = groups[0]!.instances.map((one) => one.id)
  const pooled = () => [...site.account.cards.values()].filter((one) => one.pools.length > 0).length
  await settle(router.leave(target, WEB, 'web', [first], call()))
  await settle(router.join(target, WEB, 'web', call()))
  expect(Object.keys((await router.look(target, call())).routing.instances).toSorted()).toEqual(others.toSorted())
  await settle(router.leave(target, WEB, 'web', 'all', call()))
  expect([pooled(), (await router.look(target, call())).routing.routes[0]?.groups]).toEqual([0, []])
  await settle(router.join(target, WEB, 'web', call()))
  expect([pooled(), (await router.look(target, call())).routing.routes[0]?.groups]).toEqual([3, ['web']])
})

test('a set is made in a pool of a gateway though no set is in any: whoever may read no load balancer finds it', async () => {
  const { cloud, router, settle, site } = await gateway()
  await settle(router.leave(target, WEB, 'web', 'all', call()))
  const { releases, groups } = await cloud.describe(target, call())
  const release = releases[groups[0]!.release]!
  const make = (binding: string) =>
    cloud.ensureGroup(
      target,
      { group: NEXT, release, sealed: null, like: 'web', size: 1, rolloutId: 'contract#1', binding },
      call(),
    )
  const allow = (...more: readonly AzureFeature[]) =>
    void (site.account.policy = azurePermissions({ ...PLACE, features: ['scaleSets', 'clone', 'gallery', ...more] }))
  allow()
  await expect(make(NEXT)).rejects.toMatchObject({ facts: { class: 'denied' } })
  allow('applicationGateway')
  await expect(make('web-v002')).rejects.toMatchObject({ facts: { class: 'not-found' } })
  await settle(make(NEXT))
  expect((await router.look(target, call())).routing.routes.find((one) => one.binding === NEXT)?.groups).toEqual([NEXT])
})

test('an update that takes twenty minutes holds a rollout up, and nothing is taken away before it has ended', async () => {
  const { rollout, gate, sizeOf, imago, site } = await switching()
  let isEarly = false
  for (let turn = 0; turn < 600 && rollout.state.phase !== 'done'; turn++) {
    site.account.operationMs = gate.rules.get('http') === 'web' ? 8_000 : 20 * MINUTE
    await drive(site, rollout, 1, MINUTE)
    isEarly ||= gate.rules.get('http') !== 'web' && gate.inForce?.get('http') === 'web' && sizeOf('web') < 3
  }
  expect([rollout.state.outcome, isEarly]).toEqual(['promoted', false])
  await imago.close()
})

test('after an update that failed nobody can say what a gateway goes by: nothing is done until it is put right', async () => {
  const { rollout, gate, sizeOf, imago, site } = await switching()
  const noticed: string[] = []
  for (;;) {
    const { wakeAt } = await rollout.tick()
    if (gate.rules.get('http') !== 'web') break
    site.world.runUntil(Math.max(wakeAt, site.world.now + 1_000))
  }
  gate.fails = true
  const changes = () => writes(site).length
  site.world.runUntil(site.world.now + 20_000)
  const before = changes()
  for (let turn = 0; turn < 5; turn++) {
    const { waitingFor } = await site.drive(rollout.tick())
    noticed.push(...waitingFor.map((one) => one.what))
  }
  expect([gate.inForce?.get('http') ?? 'web', sizeOf('web'), changes() - before]).toEqual(['web', 3, 0])
  expect(noticed.join()).toContain('The last update of the application gateway web-gw has failed')
  gate.fails = false
  gate.inForce = new Map(gate.rules)
  await drive(site, rollout)
  expect([rollout.state.outcome, leftovers(site)]).toEqual(['promoted', []])
  await imago.close()
})

/** A blue/green from the pool of one gateway to another one, begun. */
async function switching() {
  const site = await createSite()
  setUpFleet(site, { mode: 'Flexible', pool: WEB, bounds: { min: 1, max: 10 } })
  const image = site.publish('1.0.1')
  const { imago, web } = startProcess(site, { groups: CLONED, store: newStore(site), way: 'a gateway' })
  const rollout = await web.start(await web.plan({ image, strategy: blueGreen({ bake: '2m' }) }))
  const gate = site.account.balancers.get('web-gw')!
  return { site, imago, rollout, gate, sizeOf: (name: string) => site.account.sets.get(name)?.model.sku.capacity ?? 0 }
}

const target: FleetTarget = { name: 'web', placement: clone({ adopt: 'web' }), handles: [] }

/** A fleet behind a gateway, with a second route without traffic. */
async function gateway(options: ApplicationGatewayOptions = { gateway: 'web-gw', rules: ['http'] }, { isPrepared = true } = {}) {
  const site = await createSite()
  setUpFleet(site, { mode: 'Flexible', pool: WEB })
  const { rules } = site.account.balancers.get('web-gw')!
  rules.set('paths', 'web').set('paths/api', 'web')
  const cloud = azure(site.access)
  const router = applicationGateway(cloud, options)
  const settle = async (change: Promise<unknown>) => {
    await change
    site.world.runUntil(site.world.now + 10_000)
  }
  if (isPrepared) await settle(router.prepare(target, NEXT, call()))
  return { site, cloud, router, settle, rules }
}

function weightsOf({ routing }: Awaited<ReturnType<ReturnType<typeof applicationGateway>['look']>>) {
  return Object.fromEntries(routing.routes.map((one) => [one.binding, one.weight]))
}

function writes({ account }: Site): string[] {
  return account.requests.filter((one) => one.method !== 'GET').map((one) => one.operation)
}

function call() {
  return { signal: new AbortController().signal, token: 't' }
}
