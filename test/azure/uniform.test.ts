import { blueGreen, clone, createImago, inPlace, rolling, type FleetTarget, type Placement } from 'imago'
import { azure, loadBalancer, ruleSwap } from 'imago/azure'
import { expect, test } from 'vitest'
import { NEW, setUpFleet, type FleetSettings } from './fleet.ts'
import { createSite, DEFINITION, type Site } from './site.ts'

const POOL = 'web-lb/web'

test('an instance of a Uniform set joins a pool by itself, and nothing is sent of it but how it is connected', async () => {
  const { site, cloud, target } = await uniform()
  const router = loadBalancer(cloud, { loadBalancer: 'web-lb', pool: 'web' })
  await router.leave(target, POOL, 'web', 'all', call())
  site.world.runUntil(site.world.now + 10_000)
  for (const card of site.account.cards.values()) card.pools = []
  site.account.balancers.get('web-lb')!.pools.get('web')!.clear()
  await router.join(target, POOL, 'web', call())
  const sent = site.account.requests.filter((one) => one.operation === 'virtualMachineScaleSetVMs.update')
  expect(
    sent.map((one) => [new URL(one.url, 'http://x').pathname.split('/').at(-1), Object.keys(one.body['properties'] as object)]),
  ).toEqual(['1', '3', '5'].map((id) => [id, ['hardwareProfile', 'networkProfileConfiguration']]))
  // Azure changes each of them for a while.
  const states = async () => Object.values((await router.look(target, call())).routing.instances).map((one) => one.state)
  expect(await states()).toEqual(['out', 'out', 'out'])
  site.world.runUntil(site.world.now + 10_000)
  expect(await states()).toEqual(['in', 'in', 'in'])
  expect(site.account.requests.filter((one) => one.url.includes('/manualupgrade'))).toEqual([])
})

test('the number of an instance may be given again: another machine under it is neither deleted nor taken for it', async () => {
  const { site, cloud, target } = await uniform()
  const [web] = (await cloud.describe(target, call())).groups
  const set = site.account.sets.get('web')!
  const [victim, ...others] = set.members
  set.members = [{ ...victim!, vmId: 'ffffffff-0000-4000-8000-000000000000' }, ...others]
  await cloud.remove(target, 'web', [web!.instances[0]!.id], { [web!.release]: 2 }, call())
  expect(set.members.map((one) => [one.id, one.isLeaving])).toEqual(['1', '3', '5'].map((id) => [id, false]))
  const second = web!.instances[1]!.id
  await cloud.remove(target, 'web', [second], { [web!.release]: 2 }, call())
  const [sent] = site.account.requests.filter((one) => one.operation === 'virtualMachineScaleSets.deleteInstances')
  // One request: what is deleted lowers the size by as many.
  expect([sent!.body, set.model.sku.capacity]).toEqual([{ instanceIds: ['3'] }, 2])
})

test('automatic repairs rest while a set is rolled in place, and not while it is cloned', async () => {
  const repairs = { automaticRepairsPolicy: { enabled: true, gracePeriod: 'PT30M' } }
  for (const [groups, isOn] of [
    [inPlace('web'), false],
    [clone({ adopt: 'web' }), true],
  ] as const) {
    const { site, cloud, target } = await uniform({ properties: repairs }, groups)
    const policy = () => site.account.sets.get('web')!.model.properties['automaticRepairsPolicy']
    const mark = { kind: 'claim', owner: 'web#1', epoch: 1, expiresAt: site.world.now + 3_600_000, store: 'a' } as const
    for (const epoch of [1, 2]) {
      await cloud.hold(target, 'web', { ...mark, epoch }, undefined, call())
      site.world.runUntil(site.world.now + 10_000)
      expect(policy()).toEqual({ enabled: isOn, gracePeriod: 'PT30M' })
    }
    // Whatever is held, a clone of it repairs its instances.
    const cloned = { ...target, placement: clone({ adopt: 'web' }) }
    const release = Object.values((await cloud.describe(cloned, call())).releases)[0]!
    const request = { group: 'web-v001', release, sealed: null, like: 'web', size: 0, rolloutId: 'web#1' }
    await cloud.ensureGroup(cloned, request, call())
    expect(site.account.sets.get('web-v001')!.model.properties['automaticRepairsPolicy']).toMatchObject({ enabled: true })
    await cloud.release(target, 'web', 'claim', 'web#1', call())
    expect(policy()).toEqual({ enabled: true, gracePeriod: 'PT30M' })
  }
})

test('one that overprovisions is not rolled in place, and its clone does not', async () => {
  const { site, cloud, target } = await uniform({ properties: { overprovision: true } }, inPlace('web'))
  const base = Object.values((await cloud.describe(target, call())).releases)[0]!
  const image = `${DEFINITION}/versions/${NEW}`
  const { obstacles } = await cloud.resolve(target, { image, base }, call())
  expect(obstacles).toEqual([expect.stringMatching(/^web overprovisions: .*; set overprovision to false$/)])
  const cloned = { ...target, placement: clone({ adopt: 'web' }) }
  const { release, sealed, obstacles: none } = await cloud.resolve(cloned, { image, base }, call())
  expect(none).toEqual([])
  await cloud.ensureGroup(cloned, { group: 'web-v001', release, sealed, like: 'web', size: 1, rolloutId: 'web#1' }, call())
  expect(site.account.sets.get('web-v001')!.model.properties['overprovision']).toBe(false)
})

test('a probe that asks those alone to whom a rule sends does for one pool, and not for one of each generation', async () => {
  const { site, cloud } = await uniform({ health: 'probe' })
  const imago = createImago({ providers: { azure: cloud } })
  const declared = { provider: 'azure', groups: clone({ adopt: 'web' }) } as const
  const swapped = imago.fleet('web', { ...declared, traffic: ruleSwap(cloud, { loadBalancer: 'web-lb', rules: ['http'] }) })
  const pooled = imago.fleet('pooled', { ...declared, traffic: loadBalancer(cloud, { loadBalancer: 'web-lb', pool: 'web' }) })
  const image = site.publish(NEW)
  await expect(swapped.plan({ image, strategy: blueGreen() })).rejects.toThrow(
    /web is watched by a probe, which says nothing of a pool to which no rule sends/,
  )
  expect(String(await pooled.plan({ image, strategy: rolling() }))).toContain('web-v001')
  await imago.close()
})

test('what lets a minimum be raised moves the usual size with it, which is put back too', async () => {
  const { site, cloud, target } = await uniform()
  const usual = () => JSON.stringify(site.account.settings.get('web-by-load')).match(/"capacity":(\{[^}]*\})/)?.[1]
  const before = usual()
  const mark = { kind: 'scale-in', owner: 'web#1', epoch: 1, expiresAt: site.world.now + 3_600_000, store: 'a' } as const
  await cloud.hold(target, 'web', mark, 3, call())
  expect(usual()).toBe('{"minimum":"3","maximum":"10","default":"3"}')
  site.world.runUntil(site.world.now + 10_000)
  await cloud.release(target, 'web', 'scale-in', 'web#1', call())
  expect([usual(), before]).toEqual([before, '{"minimum":"1","maximum":"10","default":"1"}'])
})

/** A Uniform set of three behind a pool. */
async function uniform(settings: FleetSettings = {}, placement: Placement = clone({ adopt: 'web' })) {
  const site: Site = await createSite()
  setUpFleet(site, { mode: 'Uniform', pool: POOL, bounds: { min: 1, max: 10 }, ...settings })
  const target: FleetTarget = { name: 'web', placement, handles: [] }
  return { site, cloud: azure(site.access), target }
}

function call() {
  return { signal: new AbortController().signal, token: 't' }
}
