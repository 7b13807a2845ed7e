import { clone, type FleetTarget } from 'imago'
import { azure, loadBalancer } from 'imago/azure'
import { expect, test } from 'vitest'
import { launchFrom, NEW, setUpFleet, type FleetSettings } from './fleet.ts'
import { createSite, DEFINITION, type Site } from './site.ts'
import { Fault } from './wire/fault.ts'

const PARTS = { mode: 'Flexible', pool: 'web-lb/web', bounds: { min: 1, max: 10 } } as const

test('what goes beyond the cores of a subscription is a quota, in Azure’s words, and nothing is changed', async () => {
  const { site, cloud, grow, web } = await changing()
  site.account.quota = 3
  await expect(grow(5)).rejects.toMatchObject({
    message: expect.stringContaining('exceeding approved standardDSv5Family Cores quota') as string,
    facts: { class: 'quota', native: 'OperationNotAllowed' },
  })
  expect((await web()).sizes).toEqual({ [(await web()).release]: 3 })
  await expect(cloud.ensureGroup(target, await candidate(cloud, 2), call())).rejects.toMatchObject({ facts: { class: 'quota' } })
  expect([...site.account.sets.keys()]).toEqual(['web'])
})

test('an operation that is accepted is under way, and fails by what stands in its details; its instance can be removed', async () => {
  const { site, cloud, grow, web } = await changing()
  site.account.operationMs = 90_000
  const enough = site.world.machines.runShort(() => 'Zone 1 has no such machines left.')
  const { handle = '' } = await grow(4)
  expect(await fateOf(cloud, handle)).toEqual({ [handle]: { state: 'pending' } })
  site.world.runUntil(site.world.now + 90_000)
  expect(await fateOf(cloud, handle)).toEqual({
    [handle]: {
      state: 'failed',
      class: 'capacity',
      message: 'Azure gave it up with AllocationFailed: Zone 1 has no such machines left.',
    },
  })
  const { instances, failures } = await web()
  expect(failures).toEqual({
    count: 1,
    last: { class: 'capacity', message: 'AllocationFailed: Zone 1 has no such machines left.' },
  })
  const [failed] = instances.filter((one) => one.state === 'unhealthy')
  enough()
  await cloud.remove(target, 'web', [failed!.id], { [failed!.release]: 3 }, call())
  site.world.runUntil(site.world.now + 90_000)
  expect((await web()).instances.map((one) => one.state)).toEqual(['healthy', 'healthy', 'healthy'])
})

test('a handle is followed at the endpoint that is known, and an address of somebody else is no handle', async () => {
  const { site, cloud, grow } = await changing()
  const { handle = '' } = await grow(4)
  expect(handle).toMatch(/^\/subscriptions\/[^/]+\/providers\/Microsoft\.Compute\/locations\/westeurope\/operations\//)
  site.account.requests.length = 0
  expect(
    await fateOf(cloud, 'https://example.com/subscriptions/s/providers/Microsoft.Compute/locations/l/operations/o?a=b'),
  ).toEqual({})
  expect(site.account.requests.filter((one) => one.operation === 'operations.get')).toEqual([])
})

test('a change beside another one is a conflict; so is one of what somebody else has changed since it was read', async () => {
  const { site, grow, cloud } = await changing()
  site.account.operationMs = 90_000
  await grow(4)
  await expect(grow(5)).rejects.toMatchObject({ facts: { class: 'conflict', native: 'Conflict' } })
  site.world.runUntil(site.world.now + 90_000)
  const access = meddling(site, () => launchFrom(site.account.sets.get('web')!, { id: `${DEFINITION}/versions/${NEW}` }))
  const late = azure(access).hold(target, 'web', markOf(site), undefined, call())
  await expect(late).rejects.toMatchObject({ facts: { class: 'conflict', native: 'PreconditionFailed' } })
  expect((await cloud.describe(target, call())).groups[0]?.holds).toEqual([])
})

test('a conflict of what follows a size that is written does not say that nothing was', async () => {
  const { site, cloud, grow, web } = await changing()
  await cloud.hold(target, 'web', { ...markOf(site), kind: 'scale-in' }, 3, call())
  site.world.runUntil(site.world.now + 60_000)
  site.account.refusals.set('autoscaleSettings.createOrUpdate', new Fault(409, 'Conflict', 'Somebody else writes it.'))
  await expect(grow(5)).rejects.toMatchObject({
    message: expect.stringMatching(/^The size is written, and then: .*Somebody else writes it/) as string,
    facts: { class: 'transient', native: 'Conflict' },
  })
  expect((await web()).sizes).toEqual({ [(await web()).release]: 5 })
})

test('whoever is made anew under the name of a victim is not taken for it', async () => {
  const { site, cloud, web } = await changing()
  const { instances, release } = await web()
  const set = site.account.sets.get('web')!
  const [victim, ...others] = set.members
  set.members = [{ ...victim!, vmId: 'ffffffff-0000-4000-8000-000000000000' }, ...others]
  await cloud.remove(target, 'web', [instances[0]!.id], { [release]: 2 }, call())
  expect(sent(site, 'virtualMachineScaleSets.deleteInstances')).toEqual([])
  site.world.runUntil(site.world.now + 60_000)
  expect(set.members.map((one) => one.id)).toEqual([victim!.id, ...others.map((one) => one.id)])
})

test('a removal that Azure refuses because one of the named has gone is for later, and takes the others then', async () => {
  const { site, cloud, web } = await changing()
  const { instances, release } = await web()
  const gone = new Fault(
    400,
    'InvalidParameter',
    'The provided instanceId web_x is not an active Virtual Machine Scale Set VM instanceId.',
  )
  site.account.refusals.set('virtualMachineScaleSets.deleteInstances', gone)
  const remove = () => cloud.remove(target, 'web', [instances[0]!.id], { [release]: 2 }, call())
  await expect(remove()).rejects.toMatchObject({ facts: { class: 'transient', native: 'InvalidParameter' } })
  site.account.refusals.clear()
  await remove()
  expect(sent(site, 'virtualMachineScaleSets.deleteInstances').at(-1)).toEqual({ instanceIds: ['web_abc0000'] })
})

test('a clone that was made in part says so until the rest is made: its autoscale setting, which watches the clone', async () => {
  const { site, cloud } = await changing()
  site.account.refusals.set('autoscaleSettings.createOrUpdate', new Fault(503, 'ServiceUnavailable', 'Later.'))
  const request = await candidate(cloud, 2)
  await expect(cloud.ensureGroup(target, request, call())).rejects.toMatchObject({ facts: { class: 'transient' } })
  site.account.refusals.clear()
  site.world.runUntil(site.world.now + 60_000)
  const made = async () => (await cloud.describe(target, call())).groups.find((one) => one.id === 'web-v001')
  expect(await made()).toMatchObject({ partial: true, createdBy: 'contract#1' })
  await cloud.ensureGroup(target, request, call())
  expect(await made()).toMatchObject({ sizes: { [request.release.id]: 2 }, min: 1, max: 10 })
  expect((await made())?.partial).toBeUndefined()
  const { properties } = site.account.settings.get('web-v001') as {
    properties: { targetResourceUri: string; profiles: unknown[] }
  }
  expect(properties.targetResourceUri).toMatch(/\/virtualMachineScaleSets\/web-v001$/)
  expect(JSON.stringify(properties.profiles)).toContain('/virtualMachineScaleSets/web-v001"')
  for (const _again of [1, 2, 3]) {
    await cloud.retire(target, 'web-v001', call())
    site.world.runUntil(site.world.now + 60_000)
  }
  expect([[...site.account.sets.keys()], [...site.account.settings.keys()]]).toEqual([['web'], ['web-by-load']])
})

test('a clone launches what the release says, in no pool but that of its route, and bears the tags of its owner', async () => {
  const { site, cloud } = await changing()
  const launch = { virtualMachineProfile: { osProfile: { adminPassword: 'hush' } } }
  const request = { ...(await candidate(cloud, 0, launch)), binding: 'web-lb/web' }
  const { release: base } = (await cloud.describe(target, call())).groups[0]!
  await cloud.ensureGroup(target, request, call())
  const [body] = sent(site, 'virtualMachineScaleSets.createOrUpdate') as {
    tags: object
    properties: { virtualMachineProfile: Record<string, unknown> }
  }[]
  const { storageProfile, osProfile, networkProfile } = body!.properties.virtualMachineProfile
  expect(JSON.stringify(storageProfile)).toMatch(
    /"imageReference":\{"id":"[^"]*\/galleries\/shop\/images\/web\/versions\/1\.0\.1"\}/,
  )
  expect(osProfile).toMatchObject({ adminPassword: 'hush', computerNamePrefix: 'web' })
  expect(JSON.stringify(networkProfile)).toContain('/loadBalancers/web-lb/backendAddressPools/web')
  expect(body!.tags).toEqual({
    team: 'shop',
    'imago:fleet': 'azure:11111111-2222-3333-4444-555555555555/shop/web',
    'imago:rollout': 'contract#1',
    'imago:autoscaled': 'yes',
  })
  // What is never given back is no part of what is compared, and no look shows it.
  const look = await cloud.describe(target, call())
  expect([look.groups[0]?.release, JSON.stringify(look).includes('hush')]).toEqual([base, false])
})

test.for([
  [{ properties: { brandNew: { depth: 1 } } }, /brandNew\.depth: this version of @azure\/arm-compute does not know it/],
  [{ more: { identity: { type: 'SystemAssigned' } } }, /identity: an identity that Azure assigns is another one for each set/],
] as const)('what a clone could not have is refused by name when it is planned: %j', async ([what, reason]) => {
  const { site, cloud } = await changing()
  const set = site.account.sets.get('web')!
  const { properties = {}, more = {} } = what as { properties?: object; more?: object }
  set.model = { ...set.model, properties: { ...set.model.properties, ...properties }, more: { ...set.model.more, ...more } }
  const look = await cloud.describe(target, call())
  const { obstacles } = await cloud.resolve(
    target,
    { image: `${DEFINITION}/versions/${NEW}`, base: Object.values(look.releases)[0]! },
    call(),
  )
  expect(obstacles.join('; ')).toMatch(reason)
  await expect(cloud.ensureGroup(target, await candidate(cloud, 1), call())).rejects.toMatchObject({
    facts: { class: 'invalid' },
  })
  expect(sent(site, 'virtualMachineScaleSets.createOrUpdate')).toEqual([])
})

test('an autoscale setting with profiles by the hour keeps a set from being rolled', async () => {
  const { site, cloud } = await changing()
  const setting = site.account.settings.get('web-by-load') as { properties: { profiles: object[] } }
  setting.properties.profiles.push({ name: 'night', capacity: { minimum: '1', maximum: '2', default: '1' }, rules: [] })
  const base = Object.values((await cloud.describe(target, call())).releases)[0]!
  const { obstacles } = await cloud.resolve(target, { image: `${DEFINITION}/versions/${NEW}`, base }, call())
  expect(obstacles).toEqual(['its autoscale setting web-by-load has 2 profiles, and imago holds the minimum of one'])
})

test('without an autoscale setting the size of a set is its minimum while that is held', async () => {
  const { site, cloud, grow, web } = await changing({ mode: 'Flexible' })
  await cloud.hold(target, 'web', { ...markOf(site), kind: 'scale-in' }, 3, call())
  site.world.runUntil(site.world.now + 10_000)
  expect(await web()).toMatchObject({ min: 3, holds: [{ previousMin: 0 }] })
  await grow(4)
  site.world.runUntil(site.world.now + 10_000)
  expect((await web()).min).toBe(4)
  await cloud.release(target, 'web', 'scale-in', 'contract#1', call())
  expect(await web()).toMatchObject({ min: 0, max: 1_000, holds: [] })
})

test('a largest size that somebody lowers while a set is held is the minimum that it gets back', async () => {
  const { site, cloud, web } = await changing({ ...PARTS, bounds: { min: 3, max: 10 } })
  await cloud.hold(target, 'web', { ...markOf(site), kind: 'scale-in' }, 3, call())
  site.world.runUntil(site.world.now + 10_000)
  const { properties } = site.account.settings.get('web-by-load') as { properties: { profiles: { capacity: object }[] } }
  properties.profiles[0]!.capacity = { minimum: '2', maximum: '2', default: '2' }
  await cloud.release(target, 'web', 'scale-in', 'contract#1', call())
  expect(await web()).toMatchObject({ min: 2, max: 2, holds: [] })
})

test('a pool that somebody else is writing is a conflict, and the change can be asked for again', async () => {
  const { site, cloud, web } = await changing()
  const router = loadBalancer(cloud, { loadBalancer: 'web-lb', pool: 'web' })
  const [first, second] = (await web()).instances.map((one) => one.id)
  await router.leave(target, 'web-lb/web', 'web', [first!], call())
  expect((await router.look(target, call())).routing.instances[first!]).toMatchObject({ state: 'draining' })
  const again = () => router.leave(target, 'web-lb/web', 'web', [second!], call())
  await expect(again()).rejects.toMatchObject({ facts: { class: 'conflict', native: 'RetryableErrorDueToAnotherOperation' } })
  site.world.runUntil(site.world.now + 10_000)
  await again()
  const { instances } = (await router.look(target, call())).routing
  expect(Object.values(instances).map((one) => one.state)).toEqual(['draining', 'draining', 'in'])
})

test('a set that leaves a pool and joins it again stays in its other ones', async () => {
  const { site, cloud, web } = await changing()
  const other =
    '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/shop/providers/Microsoft.Network/loadBalancers/inside/backendAddressPools/web'
  const set = site.account.sets.get('web')!
  const text = JSON.stringify(set.model.properties).replace('"loadBalancerBackendAddressPools":[', `$&{"id":"${other}"},`)
  set.model = { ...set.model, properties: JSON.parse(text) as Record<string, unknown> }
  const router = loadBalancer(cloud, { loadBalancer: 'web-lb', pool: 'web' })
  for (const [change, joins] of [
    [() => router.leave(target, 'web-lb/web', 'web', 'all', call()), ['inside/web']],
    [() => router.join(target, 'web-lb/web', 'web', call()), ['inside/web', 'web-lb/web']],
  ] as const) {
    await change()
    site.world.runUntil(site.world.now + 10_000)
    expect((await web()).joins).toEqual(joins)
  }
  expect(Object.values((await router.look(target, call())).routing.instances).map((one) => one.state)).toEqual(['in', 'in', 'in'])
})

const target: FleetTarget = { name: 'web', placement: clone({ adopt: 'web' }), handles: [] }

/** A fleet of three, and short names for what tests do to it. */
async function changing(settings: FleetSettings = PARTS) {
  const site = await createSite()
  setUpFleet(site, settings)
  const cloud = azure(site.access)
  const web = async () => (await cloud.describe(target, call())).groups.find((one) => one.id === 'web')!
  const grow = async (size: number) => cloud.resize(target, 'web', { [(await web()).release]: size }, undefined, call())
  return { site, cloud, web, grow }
}

/** A clone that launches the new image, as it is asked for. */
async function candidate(cloud: ReturnType<typeof azure>, size: number, launch?: object) {
  const base = Object.values((await cloud.describe(target, call())).releases)[0]!
  const request = { image: `${DEFINITION}/versions/${NEW}`, base, ...(launch === undefined ? {} : { launch: launch as never }) }
  const { release, sealed } = await cloud.resolve(target, request, call())
  return { group: 'web-v001', release, sealed, like: 'web', size, rolloutId: 'contract#1' }
}

async function fateOf(cloud: ReturnType<typeof azure>, handle: string) {
  return (await cloud.describe({ ...target, handles: [handle] }, call())).handles
}

/** An access by which somebody else does something just before a set is changed. */
function meddling(site: Site, body: () => void): Site['access'] {
  const client = (subscription: string) => {
    const made = site.access.client!(subscription) as { pipeline: { addPolicy(policy: object): void } }
    made.pipeline.addPolicy({
      name: 'meddling',
      sendRequest: (request: { method: string }, next: (request: object) => unknown) => {
        if (request.method === 'PATCH') body()
        return next(request)
      },
    })
    return made as never
  }
  return { ...site.access, client }
}

function sent({ account }: Site, operation: string): unknown[] {
  return account.requests.filter((one) => one.operation === operation).map((one) => one.body)
}

function markOf({ world }: Site) {
  return { kind: 'claim', owner: 'contract#1', epoch: 1, expiresAt: world.now + 3_600_000, store: 'a store' } as const
}

function call() {
  return { signal: new AbortController().signal, token: 't' }
}
