import { blueGreen, canary, clone, createImago, isRolloutError } from 'imago'
import { aws } from 'imago/aws'
import { backendService, gcp, urlMap } from 'imago/gcp'
import { worldSystem } from 'imago/testing'
import { expect, test } from 'vitest'
import { addService, addUrlMap } from './balancer.ts'
import { addGroup, REGION, setUpImages, ZONE, type FleetSettings } from './fleet.ts'
import { storeOf } from './kit.ts'
import { createSite, testTheWire } from './site.ts'
import { urlOf } from './wire/project.ts'

const context = { signal: new AbortController().signal, token: 't' }
const target = { name: 'web', placement: clone({ adopt: 'web' }), handles: [] }

test('blue/green and a canary by weights are planned for a fleet behind a URL map, by reading alone', async () => {
  const { site, image, cloud } = await standing()
  const imago = createImago({
    store: storeOf(site),
    providers: { gcp: cloud },
    system: worldSystem(site.world, 'planner', { user: 'ada' }),
  })
  const web = imago.fleet('web', { provider: 'gcp', groups: clone({ adopt: 'web' }), traffic: urlMap(cloud, { urlMap: 'web' }) })
  const plan = await web.plan({ image, strategy: blueGreen({ bake: '10m' }) })
  expect(plan.toString()).toMatch(/100 %, 100 % traffic +100 %, 0 % traffic/)
  expect(plan.candidate.binding).toBe('web-v001')
  expect((await web.plan({ image, strategy: canary({ weights: [5, 50] }) })).toString()).toContain('5 % traffic')
  expect(Object.keys(site.calls()).filter((call) => !/^GET |^POST .*\.(?:listManagedInstances|getHealth)$/.test(call))).toEqual(
    [],
  )
})

test('the one service of every action has all, and its instances are in where it finds them healthy', async () => {
  const { site, group, cloud } = await standing()
  const mute = [...group.instances.values()][0]!
  mute.health = 'UNHEALTHY'
  site.calls()
  const { routing, facts } = await urlMap(cloud, { urlMap: 'web' }).look(target, context)
  expect(routing.routes).toEqual([{ binding: 'web', weight: 1_000, groups: ['web'] }])
  expect(
    Object.values(routing.instances)
      .map((one) => one.state)
      .toSorted(),
  ).toEqual(['in', 'in', 'out'])
  expect(routing.instances[`${mute.name}/${mute.machine?.number}`]).toEqual({ state: 'out', reason: 'UNHEALTHY' })
  expect([facts.weights, facts.units, facts.drainDeadlineMs]).toEqual([{ can: true }, 1_000, 180_000])
  expect(site.calls()).toEqual({
    'GET backendServices.list': 1,
    'GET instanceGroupManagers.get': 1,
    'GET instanceGroupManagers.list': 1,
    'GET urlMaps.get': 1,
    'POST backendServices.getHealth': 1,
    'POST instanceGroupManagers.listManagedInstances': 1,
  })
})

test('weights are shares of the units; where actions differ the least counts, and those of others do not', async () => {
  const { site, cloud } = await standing()
  addService(site, 'web-v001')
  addService(site, 'api')
  const share = (web: number, next: number) => ({
    weightedBackendServices: [
      { backendService: urlOf(site.project, 'global/backendServices/web'), weight: web },
      { backendService: urlOf(site.project, 'global/backendServices/web-v001'), weight: next },
    ],
  })
  addUrlMap(site, {
    defaultRouteAction: share(95, 5),
    pathMatchers: [
      {
        name: 'all',
        defaultRouteAction: share(90, 10),
        pathRules: [{ paths: ['/api/*'], service: urlOf(site.project, 'global/backendServices/api') }],
        routeRules: [{ priority: 1, routeAction: share(1, 0) }],
      },
    ],
  })
  const { routing } = await urlMap(cloud, { urlMap: 'web' }).look(target, context)
  expect(routing.routes).toEqual([
    { binding: 'web', weight: 900, groups: ['web'] },
    { binding: 'web-v001', weight: 0, groups: [] },
  ])
})

test('a group at capacity 0 is joined to nothing, and a map that sends it nothing is not found', async () => {
  const { site, group, cloud } = await standing()
  site.project.services.get('global/backendServices/web')?.backends.set(group.path, 0)
  await expect(urlMap(cloud, { urlMap: 'web' }).look(target, context)).rejects.toMatchObject({
    facts: { class: 'not-found' },
    message: `The URL map web of ${site.project.id} sends nothing to web.`,
  })
  await expect(urlMap(cloud, { urlMap: 'web-2' }).look(target, context)).rejects.toMatchObject({ facts: { class: 'not-found' } })
})

test.for([
  ['of a classic load balancer', { scheme: 'EXTERNAL' }, /classic load balancer \(EXTERNAL\), whose URL maps have no weights/],
  ['with session affinity', { affinity: 'GENERATED_COOKIE' }, /has session affinity \(GENERATED_COOKIE\)/],
] as const)('a backend service %s has no weights, and says why', async ([, more, why]) => {
  const { site, group, cloud } = await standing()
  addService(site, 'web', { groups: [group.path], ...more })
  const { facts } = await urlMap(cloud, { urlMap: 'web' }).look(target, context)
  expect(facts.weights).toMatchObject({ can: false, why: expect.stringMatching(why) })
})

test('a regional backend service alone shares by count', async () => {
  const { site, group, cloud } = await standing({ location: REGION })
  addService(site, 'inner', { scope: `regions/${REGION}`, groups: [group.path] })
  const { routing, facts } = await backendService(cloud, { backendService: 'inner', region: REGION }).look(target, context)
  expect(routing.routes).toEqual([{ binding: 'inner', weight: 1_000, groups: ['web'] }])
  expect(Object.keys(routing.instances).length).toBe(3)
  expect(facts.weights).toMatchObject({ can: false, instead: 'by count, or urlMap()' })
})

test('a router is made for what gcp() made, and of names', () => {
  const other = aws({ region: 'eu-west-1' }) as never
  const refused = (() => {
    try {
      return urlMap(other, { urlMap: 'Web Map', zone: 'a' } as never)
    } catch (error) {
      return error
    }
  })()
  if (!isRolloutError(refused, 'spec-invalid')) throw refused
  expect(refused.facts.problems.map((one) => one.path)).toEqual(['cloud', 'urlMap', 'zone'])
})

/** A site with a group that stands behind a URL map. */
async function standing(settings: FleetSettings = {}) {
  const site = await createSite()
  const images = setUpImages(site)
  const group = addGroup(site, settings)
  addService(site, 'web', { groups: [group.path] })
  addUrlMap(site, { defaultService: urlOf(site.project, 'global/backendServices/web') })
  const cloud = gcp(site.accessTo(settings.location ?? ZONE))
  return { site, group, cloud, image: `gce:${site.project.id}/${images.new.id}` }
}

testTheWire()
