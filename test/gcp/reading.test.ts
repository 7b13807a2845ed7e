import { canary, clone, inPlace, isRolloutError, rolling, slots } from 'imago'
import { imageFamily, imageName } from 'imago/gcp'
import { expect, test } from 'vitest'
import { addGroup, REGION, setUpImages, ZONE, type FleetSettings } from './fleet.ts'
import { fleetOf } from './kit.ts'
import { createSite, testTheWire, type Site } from './site.ts'
import { notFound } from './wire/fault.ts'

test.for([
  ['rolling', rolling()],
  ['a canary by count', canary({ weights: [34, 67], bake: '10m' })],
] as const)('%s is planned by reading alone', async ([, strategy]) => {
  const { site, images } = await standing()
  const plan = await fleetOf(site).plan({ image: images.new, strategy })
  const table = plan.toString()
  expect(table).toContain(`from  gce:${site.project.id}/${site.project.images.get('web-2026-01')?.id}  as web`)
  expect(table).toContain(`to    ${images.new}  as web-v001`)
  const asked = Object.keys(site.calls())
  expect(asked.filter((call) => !/^GET |^POST .*\.listManagedInstances$/.test(call))).toEqual([])
})

test.for([
  [6, 1],
  [60, 1],
  [600, 2],
  [2_000, 4],
] as const)('a look at %i instances costs the same calls, and one more for each full page', async ([size, pages]) => {
  const site = await createSite()
  setUpImages(site)
  addGroup(site, { size, paginated: true })
  const web = fleetOf(site)
  expect((await web.describe()).groups[0]?.instances.length).toBe(size)
  const fixed = {
    'GET images.get': 1,
    'GET instanceGroupManagers.get': 1,
    'GET instanceGroupManagers.list': 1,
    'GET instanceTemplates.get': 1,
    'POST instanceGroupManagers.listManagedInstances': pages,
  }
  // What machines and disks say never changes, and a group that is stable has no new errors and repairs: these are read once.
  expect(site.calls()).toEqual({
    ...fixed,
    'GET disks.list': pages,
    'GET instances.list': pages,
    'GET instanceGroupManagers.listErrors': 1,
    'GET operations.list': 1,
  })
  await web.describe()
  expect(site.calls()).toEqual(fixed)
})

test('a regional group has its autoscaler bounds, and instances of every zone with their addresses', async () => {
  const site = await createSite()
  setUpImages(site)
  addGroup(site, { location: REGION, size: 6, scaled: { min: 3, max: 9, recommended: 5 } })
  const { groups, facts } = await fleetOf(site, { location: REGION }).describe()
  const [group] = groups
  expect([group?.min, group?.max, group?.recommended, facts.autoscaled]).toEqual([3, 9, 5, true])
  const zones = new Set(group?.instances.map((one) => one.zone))
  expect(zones).toEqual(new Set(['europe-west1-a', 'europe-west1-b', 'europe-west1-c']))
  for (const one of group?.instances ?? []) expect(one.address).toMatch(/^http:\/\/10\.132\./)
  expect(site.calls()).toMatchObject({ 'GET regionAutoscalers.get': 1, 'GET instances.list': 3 })
})

test.for([
  ['zonal', ZONE, 'autoscalers.get'],
  ['regional', REGION, 'regionAutoscalers.get'],
] as const)('a %s autoscaler that was deleted meanwhile bounds nothing', async ([, location, call]) => {
  const site = await createSite()
  setUpImages(site)
  addGroup(site, { location, size: 3, scaled: { min: 3, max: 9, recommended: 5 } })
  site.project.mishaps.set(call, notFound('the autoscaler'))
  const [group] = (await fleetOf(site, { location }).describe()).groups
  expect([group?.min, group?.recommended]).toEqual([0, undefined])
})

test.for([
  ['a family', (project: string) => imageFamily({ project, family: 'web' })],
  ['a name', (project: string) => imageName({ project, name: 'web-2026-02' })],
  ['the path of a family', (project: string) => `projects/${project}/global/images/family/web`],
  ['a URL', (project: string) => `https://www.googleapis.com/compute/v1/projects/${project}/global/images/web-2026-02`],
] as const)('an image that is told by %s is resolved once, and both are in the plan', async ([, told]) => {
  const { site, images } = await standing()
  const plan = await fleetOf(site).plan({ image: told(site.project.id), strategy: rolling() })
  expect(`gce:${plan.image.scope}/${plan.image.id}`).toBe(images.new)
  expect(plan.alias?.kind).toMatch(/^image-(?:family|name)$/)
})

test.for([
  ['is not ready', { status: 'PENDING' }, /web-2026-03 \(\d+\) is PENDING, not READY/],
  ['is obsolete', { deprecated: { state: 'OBSOLETE', replacement: 'web-9' } }, /is OBSOLETE, .* in its stead there is web-9/],
  ['is for other machines', { architecture: 'ARM64' }, /is for ARM64, e2-small runs X86_64/],
  ['needs a larger disk', { diskSizeGb: '20' }, /needs a boot disk of 20 GB, and the template has one of 10 GB/],
] as const)('an image that %s is refused with the reason', async ([, more, reason]) => {
  const { site } = await standing()
  const image = site.publish('web-2026-03', undefined, more)
  await expect(fleetOf(site).plan({ image: `gce:${site.project.id}/${image.id}`, strategy: rolling() })).rejects.toThrow(reason)
})

test('a deprecated image is launched still', async () => {
  const { site } = await standing()
  const { id } = site.publish('web-2026-03', undefined, { deprecated: { state: 'DEPRECATED' } })
  await fleetOf(site).plan({ image: `gce:${site.project.id}/${id}`, strategy: rolling() })
})

test.for([
  ['gce:web-prod/debian-12', /the id of an image of Compute Engine is its number; imageName\(\)/],
  ['gce:6864121747226459002', /an image is of a project: gce:my-project\/6864121747226459002/],
  ['gce:web-prod/1@sha256-0', /has no digest/],
] as const)('%s is no image', async ([image, why]) => {
  const { site } = await standing()
  await expect(fleetOf(site).plan({ image, strategy: rolling() })).rejects.toThrow(why)
})

test('launch settings are changed by their names, and others are refused without their values', async () => {
  const { site, images } = await standing()
  const web = fleetOf(site)
  const plan = await web.plan({ launch: { machineType: 'e2-medium' }, strategy: rolling() })
  expect(plan.candidate.release.image).toEqual(plan.stable.release.image)
  expect(plan.candidate.release.launch).not.toBe(plan.stable.release.launch)
  const refused = await web.plan({ image: images.new, launch: { startupScript: 'a secret' }, strategy: rolling() }).catch(String)
  expect(refused).toMatch(/launch.startupScript: found no setting of an instance template/)
  expect(refused).not.toContain('a secret')
})

test.for([
  ['clone', clone({ adopt: 'web' })],
  ['in place', inPlace('web')],
] as const)('a stateful group is refused with the reason: %s', async ([, groups]) => {
  const { site, images, group } = await standing()
  group.stateful = true
  await expect(fleetOf(site, { groups }).plan({ image: images.new, strategy: rolling() })).rejects.toThrow(
    /web is stateful: it keeps disks, addresses or metadata of single instances/,
  )
})

test('the updater of a group is named with the choices, and one that recreates instances under their names as such', async () => {
  const { site, images, group } = await standing()
  group.versions = [{ template: 'global/instanceTemplates/web-2' }]
  const web = fleetOf(site, { groups: inPlace('web') })
  const spec = { image: images.new, strategy: rolling() }
  const refused = await web.plan(spec).catch((error: unknown) => error)
  if (!isRolloutError(refused, 'adoption-refused')) throw refused
  expect(refused.facts.found).toBe(`the updater of web, PROACTIVE, 0 of 3 instances of web-2 there, towards ${images.new}`)
  group.replacementMethod = 'RECREATE'
  await expect(web.plan(spec)).rejects.toThrow(/changes instances that run instead of replacing them/)
})

test('two versions have the sizes that they ask for, and what no version names any more keeps its place', async () => {
  const site = await createSite()
  setUpImages(site)
  const group = addGroup(site, {
    size: 10,
    versions: [
      { template: 'global/instanceTemplates/web-1' },
      { name: 'new', template: 'global/instanceTemplates/web-2', percent: 25 },
    ],
  })
  const web = fleetOf(site, { groups: inPlace('web') })
  const { groups, releases } = await web.describe()
  const named = (sizes: Readonly<Record<string, number>> = {}) =>
    Object.fromEntries(Object.entries(sizes).map(([id, size]) => [releases[id]?.template?.split('/').at(-1), size]))
  expect(named(groups[0]?.sizes)).toEqual({ 'web-1': 7, 'web-2': 3 })
  group.updateType = 'OPPORTUNISTIC'
  group.versions = [{ template: 'global/instanceTemplates/web-2' }]
  const after = (await web.describe()).groups[0]
  expect([named(after?.sizes), after?.update]).toEqual([{ 'web-1': 7, 'web-2': 3 }, undefined])
})

test('of two slots the one that holds nothing is no group of the look, whoever names them the other way round', async () => {
  const { site, images } = await standing()
  addGroup(site, { name: 'web-b', size: 0 })
  const [one, other] = [fleetOf(site, { groups: slots('web', 'web-b') }), fleetOf(site, { groups: slots('web-b', 'web') })]
  const look = await one.describe()
  expect(look.groups.map((group) => group.id)).toEqual(['web'])
  expect((await other.describe()).fleet).toBe(look.fleet)
  expect((await one.plan({ image: images.new, strategy: rolling() })).candidate.group).toBe('web-b')
  await expect(fleetOf(site, { groups: slots('web', 'web-c') }).describe()).rejects.toThrow(/no managed instance group web-c in/)
})

/** A site with a group that stands. */
async function standing(settings: FleetSettings = {}) {
  const site: Site = await createSite()
  const found = setUpImages(site)
  const group = addGroup(site, settings)
  return { site, group, images: { new: `gce:${site.project.id}/${found.new.id}` } }
}

testTheWire()
