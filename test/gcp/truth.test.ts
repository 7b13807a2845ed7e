import { inPlace, rolling } from 'imago'
import { gcp } from 'imago/gcp'
import { expect, test } from 'vitest'
import { stateOf } from '../../providers/gcp/fleet/states.ts'
import { SETTINGS } from '../../providers/gcp/launch/settings.ts'
import { addGroup, addTemplate, REGION, setUpImages, ZONE } from './fleet.ts'
import { fleetOf } from './kit.ts'
import { enumOf, fieldsOf } from './model.ts'
import { createSite, testTheWire } from './site.ts'
import { urlOf } from './wire/project.ts'

test('a launch that is refused is counted, classed, and told in the words of Google; the count outlives the log', async () => {
  const site = await createSite()
  setUpImages(site)
  const lift = site.world.machines.runShort(({ zone }) => (zone === 'a' ? 'none left' : undefined))
  const group = addGroup(site, { size: 2 })
  const web = fleetOf(site)
  const [first] = (await web.describe()).groups
  expect(first?.failures.last).toMatchObject({
    class: 'capacity',
    message: expect.stringMatching(/^ZONE_RESOURCE_POOL_EXHAUSTED: The zone/),
  })
  expect(first?.failures.count).toBeGreaterThanOrEqual(4)
  expect(first?.instances.map((one) => [one.state, one.reason])).toEqual([
    ['starting', expect.stringContaining('does not have enough resources')],
    ['starting', expect.stringContaining('does not have enough resources')],
  ])
  lift()
  group.errors.length = 0
  site.world.runUntil(site.world.now + 120_000)
  const [after] = (await web.describe()).groups
  expect(after?.failures.count).toBe(first?.failures.count)
  expect(after?.instances.map((one) => one.state)).toEqual(['healthy', 'healthy'])
})

test('an instance that its group repaired is counted, in the words of Google, by whoever looks first as well', async () => {
  const site = await createSite()
  setUpImages(site)
  const group = addGroup(site, { location: REGION, size: 3 })
  addGroup(site, { location: REGION, name: 'web-other' })
  const web = fleetOf(site, { location: REGION })
  expect((await web.describe()).groups[0]?.failures).toEqual({ count: 0 })
  for (const one of site.project.groups.values()) site.world.machines.end([...one.instances.values()][0]!.launched!, 'it broke')
  const failures = {
    count: 1,
    last: { class: 'unknown', message: expect.stringContaining("initiated recreateInstance on instance 'web-") },
  }
  expect((await web.describe()).groups[0]?.failures).toEqual(failures)
  site.world.runUntil(site.world.now + 120_000)
  expect((await fleetOf(site, { location: REGION }).describe()).groups[0]?.failures).toEqual(failures)
  expect(group.instances.size).toBe(3)
})

test('an instance is healthy once its health check says so, and never where nothing has been said', async () => {
  const site = await createSite()
  site.publish('web-mute', { kind: 'never-healthy' })
  addTemplate(site, 'web-1', 'web-mute')
  addGroup(site, { size: 1 })
  const { groups, facts } = await fleetOf(site).describe()
  expect(groups[0]?.instances).toMatchObject([{ state: 'starting', reason: 'VERIFYING, RUNNING, UNHEALTHY' }])
  expect(facts.health).toEqual(['the health check of its autohealing'])
})

test('a group without a health check is no source of health, and a plan without another one is refused', async () => {
  const site = await createSite()
  const images = setUpImages(site)
  addGroup(site, { healthChecked: false })
  const web = fleetOf(site)
  expect((await web.describe()).facts.health).toEqual([])
  const image = `gce:${site.project.id}/${images.new.id}`
  await expect(web.plan({ image, strategy: rolling() })).rejects.toThrow(/found no source of health; allowed: a probe/)
})

test('every word that Google has for an action, a status and a health is in a table, and any other is unknown', () => {
  const running = { currentAction: 'NONE', instanceStatus: 'RUNNING', instanceHealth: [{ detailedHealthState: 'HEALTHY' }] }
  expect(stateOf(running, true)).toBe('healthy')
  const unlisted = (message: string, name: string, one: (word: string) => object) =>
    enumOf(message, name).filter((word) => stateOf(one(word), true) === 'unknown')
  expect(unlisted('ManagedInstance', 'CurrentAction', (currentAction) => ({ ...running, currentAction }))).toEqual([])
  expect(unlisted('ManagedInstance', 'InstanceStatus', (instanceStatus) => ({ ...running, instanceStatus }))).toEqual([])
  const health = (detailedHealthState: string) => ({ ...running, instanceHealth: [{ detailedHealthState }] })
  expect(unlisted('ManagedInstanceInstanceHealth', 'DetailedHealthState', health)).toEqual(['UNKNOWN'])
  for (const one of [{ currentAction: 'PONDERING' }, { instanceStatus: 'PONDERING' }, { instanceHealth: [] }, {}])
    expect(stateOf({ ...(Object.keys(one).length === 0 ? {} : running), ...one }, true)).toBe('unknown')
  expect(stateOf({ ...health('PONDERING') }, true)).toBe('unknown')
})

test('every setting of a template can be changed by name', () => {
  expect([...SETTINGS].toSorted()).toEqual(fieldsOf('InstanceProperties').toSorted())
})

test('an image whose name was given again is another release than what runs, and one that is gone is still told by what runs', async () => {
  const site = await createSite()
  const images = setUpImages(site)
  addGroup(site)
  const again = site.publish('web-2026-01')
  const web = fleetOf(site, { groups: inPlace('web') })
  const look = await web.describe()
  const imageOf = (release = '') => look.releases[release]?.image.id
  expect(imageOf(look.groups[0]?.release)).toBe(again.id)
  expect(look.groups[0]?.instances.map((one) => imageOf(one.release))).toEqual(Array(3).fill(images.old.id))
  await expect(fleetOf(site).plan({ image: `gce:${site.project.id}/${images.new.id}`, strategy: rolling() })).rejects.toThrow(
    /which runs gce:.* and launches gce:/,
  )
  site.project.images.delete('web-2026-01')
  const { groups, releases } = await web.describe()
  expect(releases[groups[0]?.release ?? '']?.image.id).toBe(images.old.id)
})

test.for([
  [
    'a family',
    (site: Parameters<typeof urlOf>[0]) => urlOf(site, 'global/images/family/web'),
    /boots from the family .* another image at each launch/,
  ],
  [
    'an image that is gone, with nobody there',
    () => 'web-none',
    /launches from .*web-none, an image that is gone, and nothing runs from it/,
  ],
] as const)('a template that boots from %s is refused with the reason', async ([, told, why]) => {
  const site = await createSite()
  setUpImages(site)
  addTemplate(site, 'web-3', told(site.project))
  addGroup(site, { size: 0, versions: [{ template: 'global/instanceTemplates/web-3' }] })
  await expect(fleetOf(site).describe()).rejects.toThrow(why)
})

test('a group that was made anew under its name is another fleet', async () => {
  const site = await createSite()
  setUpImages(site)
  addGroup(site)
  const cloud = gcp(site.accessTo(ZONE))
  const context = { signal: new AbortController().signal, token: 't' }
  const target = { name: 'web', placement: inPlace('web'), handles: [] }
  const { fleet } = await cloud.describe(target, context)
  expect(fleet).toMatch(new RegExp(`^gcp:${site.project.id}/${ZONE}/web/\\d{19}$`))
  addGroup(site)
  await expect(cloud.describe({ ...target, id: fleet }, context)).rejects.toMatchObject({
    facts: { class: 'not-found' },
    message: expect.stringMatching(/the managed instance group web in .* is another one of this name, not gcp:/),
  })
  expect((await cloud.describe(target, context)).fleet).not.toBe(fleet)
})

test('an instance that was made under a name of its own has its address as well', async () => {
  const site = await createSite()
  setUpImages(site)
  const group = addGroup(site, { size: 2 })
  const [own] = group.instances.values()
  group.instances.delete(own!.name)
  group.instances.set('special', { ...own!, name: 'special' })
  const web = fleetOf(site)
  const [found] = (await web.describe()).groups
  expect(found?.instances.find((one) => one.id.startsWith('special/'))?.address).toMatch(/^http:/)
  site.calls()
  await web.describe()
  expect(site.calls()['GET instances.list']).toBeUndefined()
})

testTheWire()
