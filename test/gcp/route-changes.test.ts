import { backendService } from 'imago/gcp'
import { expect, test } from 'vitest'
import { addService, addUrlMap } from './balancer.ts'
import { call, changing, target } from './changing.ts'
import { testTheWire, type Site } from './site.ts'
import { urlOf } from './wire/project.ts'
import { OWNERS_TOKEN } from './wire/server.ts'

const at = ({ project }: Site, name: string) => urlOf(project, `global/backendServices/${name}`)

test('weights are those of every action of the fleet, in one write; others stay, and so does what else an action says', async () => {
  const { site, router } = await changing()
  addService(site, 'api')
  const map = {
    defaultService: at(site, 'web'),
    hostRules: [{ hosts: ['*'], pathMatcher: 'all' }],
    pathMatchers: [
      {
        name: 'all',
        defaultService: at(site, 'api'),
        pathRules: [
          { paths: ['/shop/*'], service: at(site, 'web'), routeAction: { urlRewrite: { pathPrefixRewrite: '/' } } },
          { paths: ['/api/*'], service: at(site, 'api') },
        ],
      },
    ],
  }
  addUrlMap(site, map)
  const before = site.project.urlMaps.get('global/urlMaps/web')
  await router.prepare(target, 'web-v001', call())
  site.calls()
  await router.setWeights(target, { web: 1_000 }, { web: 900, 'web-v001': 100 }, call())
  expect(site.calls()['PUT urlMaps.update']).toBe(1)
  const shares = {
    weightedBackendServices: [
      { backendService: at(site, 'web'), weight: 900 },
      { backendService: at(site, 'web-v001'), weight: 100 },
    ],
  }
  const [matcher] = map.pathMatchers
  const [shop, api] = matcher!.pathRules
  const { service: _service, ...rule } = shop!
  const { defaultService: _default, ...rest } = before!
  expect(site.project.urlMaps.get('global/urlMaps/web')).toEqual({
    ...rest,
    defaultRouteAction: shares,
    pathMatchers: [{ ...matcher, pathRules: [{ ...rule, routeAction: { ...shop!.routeAction, ...shares } }, api] }],
  })
  await router.setWeights(target, { web: 900, 'web-v001': 100 }, { web: 1_000 }, call())
  await router.release(target, 'web-v001', call())
  expect(site.project.urlMaps.get('global/urlMaps/web')).toEqual(before)
  expect([...site.project.services.keys()]).toEqual(['global/backendServices/web', 'global/backendServices/api'])
})

test('weights that were read before somebody else wrote the map are a conflict', async () => {
  const { site, router } = await changing()
  await router.prepare(target, 'web-v001', call())
  const { project } = site
  const written = [
    { web: 900, 'web-v001': 100 },
    { web: 500, 'web-v001': 500 },
  ]
  const ends = await Promise.allSettled(written.map((one) => router.setWeights(target, { web: 1_000 }, one, call())))
  expect(ends.filter((one) => one.status === 'rejected').map((one) => one.reason as unknown)).toMatchObject([
    { facts: { class: 'conflict' } },
  ])
  expect(JSON.stringify(project.urlMaps.get('global/urlMaps/web'))).toMatch(/"weight":(?:900|500)/)
})

test('a route whose making ended before any action named it says so, and is made whole or taken away', async () => {
  const { site, router } = await changing()
  site.project.mishaps.set('urlMaps.update', 'reset')
  await expect(router.prepare(target, 'web-v001', call())).rejects.toMatchObject({ facts: { class: 'unknown' } })
  site.project.mishaps.clear()
  const route = async () => (await router.look(target, call())).routing.routes.find((one) => one.binding === 'web-v001')
  expect(await route()).toEqual({ binding: 'web-v001', weight: 0, groups: [], partial: true })
  await router.prepare(target, 'web-v001', call())
  expect(await route()).toEqual({ binding: 'web-v001', weight: 0, groups: [] })
  await router.release(target, 'web-v001', call())
  expect(await route()).toBeUndefined()
})

test("a backend service of the name that is somebody else's is a conflict, and stays", async () => {
  const { site, router } = await changing()
  addService(site, 'web-v001')
  const refused = router.prepare(target, 'web-v001', call())
  await expect(refused).rejects.toMatchObject({ facts: { class: 'conflict' }, message: /which is not the fleet's/ })
  expect(site.project.services.get('global/backendServices/web-v001')?.description).toBeUndefined()
})

test('a group that left lets its instances finish for as long as its backend service says, and is out then', async () => {
  const { site, router, look } = await changing()
  const ids = (await look()).groups[0]!.instances.map((one) => one.id).toSorted()
  await router.leave(target, 'web', 'web', 'all', call())
  const states = async () => {
    const { routing } = await router.look(target, call())
    return ids.map((id) => routing.instances[id]?.state)
  }
  site.world.runUntil(site.world.now + 170_000)
  expect(await states()).toEqual(Array(3).fill('draining'))
  site.world.runUntil(site.world.now + 10_000)
  expect(await states()).toEqual(Array(3).fill(undefined))
})

test('a backend has what the one of the original has, its capacity as well', async () => {
  const { site, router, cloud, request } = await changing()
  site.project.services.get('global/backendServices/web')!.backends.set([...site.project.groups.keys()][0]!, 0.5)
  await router.prepare(target, 'web-v001', call())
  await cloud.ensureGroup(target, await request({ binding: 'web-v001' }), call())
  expect([...site.project.services.get('global/backendServices/web-v001')!.backends.values()]).toEqual([0.5])
})

test('a group that stands at capacity 0 has all of its own once it is joined', async () => {
  const { site, cloud, request } = await changing()
  await cloud.ensureGroup(target, await request({ binding: 'web' }), call())
  const { backends } = site.project.services.get('global/backendServices/web')!
  const [, made = ''] = [...backends.keys()]
  backends.set(made, 0)
  await backendService(cloud, { backendService: 'web' }).join(target, 'web', 'web-v001', call())
  expect([...backends.values()]).toEqual([1, 1])
})

test.for([0.05, 1.1, 0])(
  'the wire server refuses a capacity of %s for the only backend, as Google does',
  async (capacityScaler) => {
    const { site } = await changing()
    const url = `${site.endpoint}/compute/v1/projects/${site.project.id}/global/backendServices/web`
    const headers = { authorization: `Bearer ${OWNERS_TOKEN}` }
    const { fingerprint, backends } = (await (await fetch(url, { headers })).json()) as {
      fingerprint: string
      backends: object[]
    }
    const body = JSON.stringify({ fingerprint, backends: backends.map((one) => ({ ...one, capacityScaler })) })
    const answer = await fetch(url, { method: 'PATCH', headers, body })
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { error: { message: `Invalid value for field 'resource.backends[0].capacityScaler': '${capacityScaler}'.` } },
    ])
  },
)

testTheWire()
