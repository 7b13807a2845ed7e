import { setImmediate as breath } from 'node:timers/promises'
import { clone, slots, type FleetTarget } from 'imago'
import { backendService, gcp, urlMap } from 'imago/gcp'
import { createLife } from 'imago/testing'
import { expect, test } from 'vitest'
import { lettingGo } from '../kit/letting-go.ts'
import { addService, addUrlMap } from './balancer.ts'
import { addGroup, setUpImages, ZONE } from './fleet.ts'
import { createSite, testTheWire } from './site.ts'
import { urlOf } from './wire/project.ts'

const target: FleetTarget = { name: 'web', placement: clone({ adopt: 'web' }), handles: [] }
const ONCE = {
  'GET disks.list': 1,
  'GET images.get': 1,
  'GET instanceGroupManagers.list': 1,
  'GET instanceGroupManagers.listErrors': 1,
  'GET instanceTemplates.get': 1,
  'GET instances.list': 1,
  'GET operations.list': 1,
  'POST backendServices.getHealth': 1,
  'POST instanceGroupManagers.listManagedInstances': 1,
}

test.for([
  [
    'a URL map',
    (cloud) => urlMap(cloud, { urlMap: 'web' }),
    { 'GET backendServices.list': 1, 'GET instanceGroupManagers.get': 1, 'GET urlMaps.get': 1 },
  ],
  [
    'a backend service',
    (cloud) => backendService(cloud, { backendService: 'web' }),
    { 'GET backendServices.get': 1, 'GET instanceGroupManagers.get': 1 },
  ],
] as const satisfies readonly (readonly [string, RouterOf, object])[])(
  'a provider and %s that look side by side ask for nothing twice',
  async ([, routerOf, own]) => {
    const { site, cloud, life } = await fleet()
    // What sends to the groups, and what became of a change, is slow to answer: nobody waits for that before he asks for instances.
    const isSlow = (name: string) => /^(?:backendServices|urlMaps|operations)\./.test(name)
    site.project.fateOf = (name) => (isSlow(name) ? { travelsMs: 1_000 } : undefined)
    const changed = { ...target, handles: [`projects/${site.project.id}/zones/${ZONE}/operations/operation-1`] }
    const [provider, router] = [site.sentBy(cloud, life), site.sentBy(routerOf(cloud), life)]
    const looks = Promise.all([provider.describe(changed, call()), router.look(changed, call())])
    const [{ groups }, { routing }] = await site.drive(looks)
    expect(Object.keys(routing.instances)).toEqual(groups[0]!.instances.map((one) => one.id))
    expect(site.calls()).toEqual({ ...ONCE, ...own, 'GET operations.get': 1 })
  },
)

test('a group that bears the mark of its fleet is not asked for by its name', async () => {
  const { site, cloud } = await fleet({ driven: false })
  const mark = { owner: 'rollout', epoch: 1, expiresAt: site.world.now + 600_000, store: 'store' }
  await cloud.hold(target, 'web', { kind: 'claim', ...mark }, undefined, call())
  site.calls()
  const { groups } = await cloud.describe(target, call())
  expect(groups[0]!.holds).toMatchObject([mark])
  expect(site.calls()).toMatchObject({ 'GET instanceGroupManagers.list': 1 })
  await cloud.describe(target, call())
  expect(site.calls()['GET instanceGroupManagers.get']).toBeUndefined()
})

test('nobody asks for the instances of a slot that holds nothing', async () => {
  const { site, cloud } = await fleet({ driven: false })
  addGroup(site, { name: 'web-b', size: 0 })
  site.calls()
  const both = { ...target, placement: slots('web', 'web-b') }
  const router = backendService(cloud, { backendService: 'web' })
  await Promise.all([cloud.describe(both, call()), router.look(both, call())])
  expect(site.calls()).toMatchObject({
    'GET instanceGroupManagers.get': 2,
    'POST instanceGroupManagers.listManagedInstances': 1,
  })
})

test('whoever lets go of a look takes nothing from another, and the next one asks anew', async () => {
  const { site, cloud } = await fleet({ driven: false })
  await lettingGo(cloud, target)
  expect(site.calls()['GET instanceGroupManagers.list']).toBe(2)
})

test('the last one to let go takes the request with him', async () => {
  const { site, cloud } = await fleet({ driven: false })
  site.project.mishaps.set('instanceGroupManagers.list', 'silence')
  const letGo = [new AbortController(), new AbortController()]
  const looks = letGo.map(({ signal }) => cloud.describe(target, call(signal)))
  const ended = Promise.allSettled(looks)
  await until(() => site.waiting() === 1)
  letGo[0]!.abort()
  await expect(looks[0]).rejects.toMatchObject({ facts: { class: 'unknown' } })
  expect(site.waiting()).toBe(1)
  letGo[1]!.abort()
  await ended
  await until(() => site.waiting() === 0)
})

test('what was asked for before a write answers nobody who looks after it', async () => {
  const { site, group, cloud, before, answer } = await beingAnswered()
  group.targetSize = 5
  const after = await cloud.describe(target, call())
  answer()
  expect([await before, after].map(({ groups }) => Object.values(groups[0]!.sizes))).toEqual([[3], [5]])
  expect(site.calls()['GET instanceGroupManagers.get']).toBe(2)
})

test('a change rests on what was read after it was asked for', async () => {
  const { group, cloud, before, answer, release } = await beingAnswered()
  // Who writes over what the look is about to be told is refused.
  group.targetSize = 4
  await cloud.resize(target, 'web', { [release]: 6 }, undefined, call())
  answer()
  expect([group.targetSize, Object.values((await before).groups[0]!.sizes)]).toEqual([6, [3]])
})

type RouterOf = (cloud: ReturnType<typeof gcp>) => ReturnType<typeof urlMap> | ReturnType<typeof backendService>

/** A fleet of three behind a URL map. */
async function fleet({ driven = true } = {}) {
  const site = await createSite({ driven })
  setUpImages(site)
  const group = addGroup(site)
  addService(site, 'web', { groups: [group.path] })
  addUrlMap(site, { defaultService: urlOf(site.project, 'global/backendServices/web') })
  const life = createLife(site.world, { dies: () => false, loses: () => false }, () => undefined)
  return { site, group, cloud: gcp(site.accessTo(ZONE)), life }
}

/** The same while somebody looks at it: Google has read the group, and its answer is under way. */
async function beingAnswered() {
  const found = await fleet({ driven: false })
  const { site, cloud } = found
  const { world, project } = site
  const [{ release } = { release: '' }] = (await cloud.describe(target, call())).groups
  site.calls()
  project.fateOf = (name) => (name === 'instanceGroupManagers.get' ? { travelsMs: 2_000 } : undefined)
  const before = cloud.describe(target, call())
  const answer = () => world.runUntil(world.now + 1_000)
  await until(() => project.held.size === 1)
  answer()
  await until(() => project.held.size === 1)
  project.fateOf = () => undefined
  return { ...found, before, release, answer }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await breath()
}

function call(signal = new AbortController().signal) {
  return { signal, token: 't' }
}

testTheWire()
