import { clone, createImago, formatImageRef, inPlace, rolling, type Placement } from 'imago'
import { azure, galleryImage, marketplaceImage } from 'imago/azure'
import { memoryStore } from 'imago/stores/memory'
import { worldSystem } from 'imago/testing'
import { expect, test } from 'vitest'
import { NEW, changeModel, launchFrom, setUpFleet, type FleetSettings } from './fleet.ts'
import { createSite, DEFINITION, type Site } from './site.ts'
import { SUBSCRIPTION, type VersionRecord } from './wire/account.ts'

const UBUNTU = 'canonical/ubuntu-24_04-lts/server'
const URN = 'Canonical:ubuntu-24_04-lts:server'

test('a definition is resolved to its highest version that may be the latest, and both are in the plan', async () => {
  const { site, web } = await planner()
  site.publish('1.0.10')
  site.publish('1.0.9')
  site.publish('2.0.0', { kind: 'good' }, { excluded: true })
  site.publish('2.0.1', { kind: 'good' }, { provisioningState: 'Creating' })
  site.publish('2.0.2', { kind: 'good' }, { regions: new Map([['East US 2', { state: 'Completed', progress: 100 }]]) })
  const plan = await web.plan({ image: galleryImage(DEFINITION), strategy: rolling() })
  expect([plan.image.id, plan.alias]).toEqual(['1.0.10', { alias: DEFINITION, kind: 'gallery-image' }])
})

test('an image of the marketplace is resolved to its highest version, and a set that says latest launches that', async () => {
  const reference = { publisher: 'Canonical', offer: 'ubuntu-24_04-lts', sku: 'server', version: 'latest' }
  const site = await createSite()
  publishUbuntu(site, '24.04.202509010', '24.04.202510010')
  // What it was when somebody wrote it says nothing about what is launched next.
  const set = setUpFleet(site, { image: { ...reference, exactVersion: '24.04.202509010' } })
  const web = fleetOf(site)
  const before = await web.describe()
  expect(formatImageRef(Object.values(before.releases)[0]!.image)).toBe(`marketplace:${UBUNTU}/24.04.202510010`)
  site.account.marketplace.get(UBUNTU)?.versions.push('24.04.202511010')
  // Nothing was written: what the set launches next has changed by itself, and what runs has not.
  const after = await web.describe()
  const [group] = after.groups
  expect(after.releases[group!.release]?.image.id).toBe('24.04.202511010')
  expect(group!.sizes).toMatchObject({ [before.groups[0]!.release]: 3 })
  launchFrom(set, { ...reference, version: '24.04.202510010' })
  const spec = { image: marketplaceImage(URN), strategy: rolling() }
  // The instances are of an earlier model, which may have had other settings than the name of the image.
  await expect(web.plan(spec)).rejects.toThrow(/web launches other settings by now than r-.*, and Azure keeps no earlier ones/)
  set.members.forEach((one, index) => (set.members[index] = { ...one, edit: set.edits }))
  const plan = await web.plan(spec)
  expect([plan.image.id, plan.alias?.kind]).toEqual(['24.04.202511010', 'marketplace-image'])
})

test.for([
  ['that is not made yet', { provisioningState: 'Creating' }, /1\.0\.1 is Creating, not Succeeded/],
  ['whose life has ended', { endOfLife: '2029-12-31T00:00:00Z' }, /1\.0\.1 reached the end of its life on 2029-12-31/],
  ['that is elsewhere', { regions: regions('East US 2', 'Completed', 100) }, /is not replicated to westeurope, but to eastus2/],
  ['on its way', { regions: regions('West Europe', 'Replicating', 40) }, /is Replicating in westeurope, 40 % replicated/],
] as const)('a version %s is refused with the reason', async ([, more, reason]) => {
  const { site, web } = await planner()
  const image = site.publish(NEW, { kind: 'good' }, more)
  await expect(web.plan({ image, strategy: rolling() })).rejects.toThrow(reason)
})

test('a version is launched until its life ends, and though it is excluded from latest', async () => {
  const { site, web } = await planner()
  const image = site.publish(NEW, { kind: 'good' }, { endOfLife: '2031-01-01T00:00:00Z', excluded: true })
  await web.plan({ image, strategy: rolling() })
})

test('what its machines cannot run is refused with the reason, and a restriction of the size', async () => {
  const { site, web } = await planner()
  const image = site.publish(NEW)
  const refused = (reason: RegExp) => expect(fleetOf(site).plan({ image, strategy: rolling() })).rejects.toThrow(reason)
  const { sizes, definitions } = site.account
  const [[key, definition]] = [...definitions] as [[string, NonNullable<ReturnType<typeof definitions.get>>]]
  definitions.set(key, { ...definition, architecture: 'Arm64', generation: 'V1' })
  sizes.set('Standard_D2s_v5', { architecture: 'x64', generations: 'V2', restriction: 'NotAvailableForSubscription' })
  await refused(/is for Arm64, Standard_D2s_v5 runs x64/)
  await refused(/is of Hyper-V generation V1, Standard_D2s_v5 runs V2/)
  await refused(/machines of size Standard_D2s_v5 are not to be had in westeurope: NotAvailableForSubscription/)
  sizes.delete('Standard_D2s_v5')
  await refused(/westeurope has no machines of size Standard_D2s_v5/)
  // What was read is remembered for an hour by the provider that read it.
  const reads = () => site.account.requests.filter((one) => one.operation === 'resourceSkus.list').length
  expect(reads()).toBe(4)
  await expect(web.plan({ image, strategy: rolling() })).rejects.toThrow(/has no machines of size/)
  await expect(web.plan({ image, strategy: rolling() })).rejects.toThrow(/has no machines of size/)
  expect(reads()).toBe(5)
  sizes.set('Standard_D2s_v5', { architecture: 'Arm64', generations: 'V1' })
  site.world.runUntil(site.world.now + 3_600_000)
  await web.plan({ image, strategy: rolling() })
})

test('what the marketplace has given up, or sells by a plan that the set has not, is refused', async () => {
  const { site, web } = await planner()
  const record = publishUbuntu(site, '24.04.202511010')
  const image = `${URN}:24.04.202511010`
  await web.plan({ image, strategy: rolling() })
  site.account.marketplace.set(UBUNTU, {
    ...record,
    deprecated: true,
    plan: { publisher: 'canonical', product: 'pro', name: 'lts' },
  })
  await expect(web.plan({ image, strategy: rolling() })).rejects.toThrow(/deprecated by its publisher/)
  await expect(web.plan({ image, strategy: rolling() })).rejects.toThrow(/needs the purchase plan canonical\/pro\/lts/)
})

test.for([
  [`${DEFINITION}/versions/9.9.9`, /9\.9\.9.*was not found/],
  [`${URN}:1.2.3`, /VMImage was not found/],
  [galleryImage(`${DEFINITION}-none`), /web-none.*was not found/],
  [galleryImage(`${DEFINITION}/versions/1.0.0`), /is no gallery-image of Azure/],
  [marketplaceImage('Canonical'), /is no marketplace-image of Azure/],
  [`${DEFINITION}/versions/latest`, /is not an image reference/],
  [`${URN}:latest`, /is not an image reference/],
  ['gallery:web/latest', /the version is three numbers, 1\.2\.3, and not latest/],
  ['gallery:shop/web/1.2.3', /is of a subscription, a resource group, a gallery and a definition/],
  ['marketplace:canonical/1.2.3', /is of a publisher, an offer and a SKU/],
  ['gallery:a/b/c/d/1.2.3@sha256-00', /has no digest/],
] as const)('%s is refused by name', async ([image, reason]) => {
  const { web } = await planner()
  await expect(web.plan({ image, strategy: rolling() })).rejects.toThrow(reason)
})

test('a set that launches from another kind of image says so', async () => {
  const site = await createSite()
  setUpFleet(site, { image: { id: '/subscriptions/s/resourceGroups/shop/providers/Microsoft.Compute/images/web' } })
  await expect(fleetOf(site).describe()).rejects.toThrow(/The scale set web launches .*\/images\/web, not a version in a gallery/)
})

test('launch settings are laid over those of the model; a strange one, and what a plan says elsewhere, are refused', async () => {
  const { site, web: inside } = await planner()
  const web = fleetOf(site, clone({ adopt: 'web' }))
  const image = site.publish(NEW)
  site.account.sizes.set('Standard_D4s_v5', { architecture: 'x64', generations: 'V2' })
  const plain = await web.plan({ image, strategy: rolling() })
  const larger = await web.plan({ image, launch: { sku: { name: 'Standard_D4s_v5' } }, strategy: rolling() })
  expect(larger.candidate.release.launch).not.toBe(plain.candidate.release.launch)
  const wrong = {
    capacity: 3,
    sku: { capacity: 3 },
    virtualMachineProfile: { osProfil: {}, timeCreated: '2030', storageProfile: { imageReference: { id: 'mine' } } },
  }
  const refused = await web.plan({ image, launch: wrong, strategy: rolling() }).catch((error: unknown) => String(error))
  for (const path of [
    'launch.capacity: found no setting',
    'launch.virtualMachineProfile.osProfil: found no setting',
    'launch.virtualMachineProfile.timeCreated: found no setting',
    'launch.sku.capacity: found a setting; allowed: nothing: the plan says how many',
    'launch.virtualMachineProfile.storageProfile.imageReference: found a setting; allowed: the image of the plan',
  ])
    expect(refused).toContain(path)
  expect(refused).not.toContain('mine')
  // A set keeps its latest settings only.
  const launch = { sku: { name: 'Standard_D4s_v5' } }
  await expect(inside.plan({ image, launch, strategy: rolling() })).rejects.toThrow(
    /there would be no way back to those of before/,
  )
})

test('what Azure does not give back keeps a set from being cloned, unless it is given; and it makes no other release', async () => {
  const site = await createSite()
  const image = site.publish(NEW)
  const set = setUpFleet(site, { health: 'probe' })
  const extension = { name: 'setup', properties: { publisher: 'Microsoft.Azure.Extensions', type: 'CustomScript', settings: {} } }
  changeModel(set, {
    osProfile: { computerNamePrefix: 'web', linuxConfiguration: { disablePasswordAuthentication: false } },
    extensionProfile: { extensions: [extension] },
  })
  const cloned = fleetOf(site, clone({ adopt: 'web' }))
  const spec = { image, strategy: rolling() }
  await expect(cloned.plan(spec)).rejects.toThrow(
    /web has an admin password, .* say it in launch\.virtualMachineProfile\.osProfile\.adminPassword/,
  )
  await expect(cloned.plan(spec)).rejects.toThrow(/web has the extension setup, maybe with protected settings/)
  // In place it stays where it is.
  const inside = await fleetOf(site).plan(spec)
  const launch = {
    virtualMachineProfile: {
      osProfile: { adminPassword: 'hush' },
      extensionProfile: {
        extensions: [
          {
            name: 'setup',
            publisher: 'Microsoft.Azure.Extensions',
            typePropertiesType: 'CustomScript',
            settings: {},
            protectedSettings: { key: 'hush' },
          },
        ],
      },
    },
  }
  const plan = await cloned.plan({ ...spec, launch })
  expect(plan.candidate.release.id).toBe(inside.candidate.release.id)
  expect(plan.toString()).not.toContain('hush')
})

test('a gallery may be of another subscription, which is asked by a client of its own', async () => {
  const { site, web } = await planner()
  const other = '99999999-8888-7777-6666-555555555555'
  const { definitions } = site.account
  const [[key, definition]] = [...definitions] as [[string, NonNullable<ReturnType<typeof definitions.get>>]]
  site.publish(NEW)
  definitions.clear()
  definitions.set(key.replace(SUBSCRIPTION, other), definition)
  const image = `${DEFINITION.replace(SUBSCRIPTION, other)}/versions/${NEW}`
  const plan = await web.plan({ image, strategy: rolling() })
  expect(formatImageRef(plan.image)).toBe(`gallery:${other}/images/shop/web/${NEW}`)
})

test('user data is a part of what is launched', async () => {
  const site = await createSite()
  const set = setUpFleet(site)
  const releaseNow = async () => (await fleetOf(site).describe()).groups[0]?.release
  const before = await releaseNow()
  changeModel(set, { userData: 'aGVsbG8=' })
  expect(await releaseNow()).not.toBe(before)
})

test('the settings of a set alone are no part of a release: a clone has its own', async () => {
  const site = await createSite()
  setUpFleet(site, { name: 'web' })
  setUpFleet(site, { name: 'web-v001', pool: 'web-lb/green' })
  const releaseOf = async (name: string) => (await fleetOf(site, inPlace(name)).describe()).groups[0]?.release
  expect(await releaseOf('web')).toBe(await releaseOf('web-v001'))
})

function regions(name: string, state: string, progress: number): VersionRecord['regions'] {
  return new Map([[name, { state, progress }]])
}

function publishUbuntu({ account, world }: Site, ...versions: string[]) {
  const record = { versions, deprecated: false }
  account.marketplace.set(UBUNTU, record)
  for (const version of versions) world.images.publish(`${UBUNTU}/${version}`, { kind: 'good' })
  return record
}

async function planner(settings?: FleetSettings) {
  const site = await createSite()
  setUpFleet(site, settings)
  return { site, web: fleetOf(site) }
}

function fleetOf(site: Site, groups: Placement = inPlace('web')) {
  const imago = createImago({
    store: memoryStore({ now: () => site.world.now, id: 'store' }),
    providers: { azure: azure(site.access) },
    system: worldSystem(site.world, 'planner', { user: 'ada' }),
  })
  return imago.fleet('web', { provider: 'azure', groups })
}
