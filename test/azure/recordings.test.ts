import { clone, formatImageRef, inPlace, type Release } from 'imago'
import { azure, galleryImage, type AzureAccess } from 'imago/azure'
import { expect, test } from 'vitest'
import { Recording, replay, SUBSCRIPTION, unrecorded } from './recordings.ts'

const UBUNTU = 'marketplace:canonical/ubuntuserver/16.04.0-lts/16.04.201912110'
/** What the region had just then: the recordings name the version, and do not list it. */
const LISTING = { '/skus/16.04.0-LTS/versions': [{ name: '16.04.201912110', location: 'eastus', id: '' }] }

test('a Uniform set whose model was changed a moment ago, in Manual mode', async (context) => {
  if (unrecorded !== undefined) return context.skip(unrecorded)
  const recording = new Recording('vmss-create-update.json')
  const listed = recording.last('GET', '/vmss9607/virtualMachines') as List
  const access = await replay('javacsmrg8339', {
    ...LISTING,
    // The answer to the change is the set as it was from then on.
    '/virtualMachineScaleSets/vmss9607': recording.last('PATCH', '/virtualMachineScaleSets/vmss9607'),
    '/vmss9607/virtualMachines': withViews(listed, (id) => recording.last('GET', `/virtualmachines/${id}/instanceView`)),
  })
  const { fleet, groups, releases, facts } = await look(access, 'vmss9607')
  const [group] = groups
  const { release: running } = group!.instances[0]!
  expect(fleet).toBe(`azure:${SUBSCRIPTION}/javacsmrg8339/vmss9607`)
  expect(facts.health).toEqual([])
  expect(Object.values(releases).map((one) => formatImageRef(one.image))).toEqual([UBUNTU, UBUNTU])
  // Azure says that they are of an earlier model: the same image, launched otherwise.
  expect(running).not.toBe(group!.release)
  expect(group).toEqual({
    id: 'vmss9607',
    release: group!.release,
    sizes: { [running]: 2, [group!.release]: 0 },
    min: 0,
    max: 100,
    holds: [],
    failures: {
      count: 1,
      last: { class: 'invalid', message: 'vmss9607_1.9d4f67d2 is PowerState/stopped: it has ended, or somebody stopped it' },
    },
    // Overprovisioning had made more, and took one away between them; the last that was asked of one is from when it was switched off.
    instances: [
      {
        id: 'vmss9607_1.9d4f67d2',
        release: running,
        state: 'unhealthy',
        reason: 'PowerState/stopped',
        launchedAt: Date.UTC(2019, 11, 17, 3, 22, 24, 193),
      },
      { id: 'vmss9607_3.73db3ee1', release: running, state: 'healthy', launchedAt: Date.UTC(2019, 11, 17, 3, 18, 46, 5) },
    ],
    joins: [
      'extlb1-4017/extlb1-4017-BAP1',
      'extlb1-4017/extlb1-4017-BAP2',
      'InternalLb1-1687/InternalLb1-1687-BAP1',
      'InternalLb1-1687/InternalLb1-1687-BAP2',
    ],
  })
})

test('a Uniform set in which only one instance has told how it is', async (context) => {
  if (unrecorded !== undefined) return context.skip(unrecorded)
  const recording = new Recording('vmss-single-instance.json')
  const listed = recording.last('GET', '/vmss1898/virtualMachines') as List
  const view = recording.last('GET', '/virtualmachines/0/instanceView')
  const access = await replay('javacsmrg1092', {
    ...LISTING,
    '/virtualMachineScaleSets/vmss1898': recording.last('GET', '/virtualMachineScaleSets/vmss1898'),
    '/vmss1898/virtualMachines': withViews(listed, (id) => (id === '0' ? view : undefined)),
  })
  const { groups, releases } = await look(access, 'vmss1898')
  const [group] = groups
  expect(Object.values(releases).map((one) => formatImageRef(one.image))).toEqual([UBUNTU])
  expect(group!.sizes).toEqual({ [group!.release]: 2 })
  expect(group!.instances).toMatchObject([
    { id: 'vmss1898_0.e2620cfd', release: group!.release, state: 'healthy' },
    { id: 'vmss1898_1.7e2ef225', release: group!.release, state: 'unknown', reason: 'PowerState/not told', launchedAt: 0 },
  ])
})

test('a set whose instances have their disks from Azure, in Automatic mode, is not rolled in place', async (context) => {
  if (unrecorded !== undefined) return context.skip(unrecorded)
  const recording = new Recording('vmss-update-image-managed-disk.json')
  const image = new Recording('vmss-create-update.json').last('GET', '/versions/16.04.201912110')
  const access = await replay('rgfluentchash-3669', {
    ...LISTING,
    '/skus/16.04.0-LTS/versions/16.04.201912110': image,
    '/virtualMachineScaleSets/vmss97086': recording.last('GET', '/virtualMachineScaleSets/vmss97086'),
    '/vmss97086/virtualMachines': recording.last('GET', '/vmss97086/virtualMachines'),
    '/Microsoft.Compute/skus': { value: [sizeOf('Standard_D5_v2')] },
  })
  const { groups, releases } = await look(access, 'vmss97086')
  const base = releases[groups[0]!.release]!
  expect([formatImageRef(base.image), groups[0]!.instances.map((one) => one.id)]).toEqual([
    UBUNTU,
    ['vmss97086_2.491a3b21', 'vmss97086_3.e91fd7a0'],
  ])
  const { release, obstacles } = await azure(access).resolve(target('vmss97086'), { base }, call())
  expect([release, obstacles]).toEqual([
    base,
    [
      'vmss97086 is in Automatic mode: any change of it, a mark too, may re-image the instances that run; set it to Manual',
      expect.stringMatching(/^vmss97086 overprovisions: .*; set overprovision to false$/),
    ],
  ])
})

test.for([
  ['East US 2', []],
  ['westcentralus', []],
  ['West Europe', [/is not replicated to westeurope, but to eastus2, westcentralus/]],
] as const)('a version of a gallery, for a set in %s', async ([location, reasons], context) => {
  if (unrecorded !== undefined) return context.skip(unrecorded)
  const recording = new Recording('gallery-image-version.json')
  const set = new Recording('vmss-create-update.json').last('GET', '/virtualMachineScaleSets/vmss9607') as object
  const region = location.replaceAll(' ', '').toLowerCase()
  const access = await replay('javacsmrg8339', {
    ...LISTING,
    '/virtualMachineScaleSets/vmss9607': { ...set, location },
    '/vmss9607/virtualMachines': { value: [] },
    '/images/SampleImages': recording.last('GET', '/images/SampleImages'),
    '/images/SampleImages/versions/0.0.4': recording.last('GET', '/versions/0.0.4', '$expand=ReplicationStatus'),
    '/images/SampleImages/versions': recording.last('GET', '/images/SampleImages/versions'),
    '/Microsoft.Compute/skus': { value: [{ ...sizeOf('Standard_A0'), locations: [region] }] },
  })
  const definition = `/subscriptions/${SUBSCRIPTION}/resourceGroups/vmexttest7727/providers/Microsoft.Compute/galleries/jsim2286/images/SampleImages`
  const { groups, releases } = await look(access, 'vmss9607')
  const base = releases[groups[0]!.release]!
  const request = { base, image: `${definition}/versions/0.0.4` }
  const { release, details, obstacles } = await azure(access).resolve(target('vmss9607'), request, call())
  expect(formatImageRef(release.image)).toBe(`gallery:${SUBSCRIPTION}/vmexttest7727/jsim2286/sampleimages/0.0.4`)
  expect(details.provenance.createdAt).toBe(Date.UTC(2020, 4, 7, 4, 31, 13, 595))
  expect(obstacles).toEqual([
    ...reasons.map((one) => expect.stringMatching(one) as string),
    expect.stringMatching(/overprovisions/),
  ])
  // By the time of the listing, one region was left.
  const newest = azure(access).resolve(target('vmss9607'), { base, image: galleryImage(definition) }, call())
  if (region === 'westcentralus') expect((await newest).release.image.id).toBe('0.0.4')
  else await expect(newest).rejects.toMatchObject({ facts: { class: 'not-found' } })
})

test('a Uniform set over zones that has no instances yet, and cannot be cloned as it is', async (context) => {
  if (unrecorded !== undefined) return context.skip(unrecorded)
  const set = new Recording('vmss-zone-redundant.json').last('GET', '/virtualMachineScaleSets/vmss6669')
  const { access, groups, releases } = await alone('javacsmrg5037', 'vmss6669', set, 'eastus2')
  const [group] = groups
  expect(group).toEqual({
    id: 'vmss6669',
    release: group!.release,
    sizes: { [group!.release]: 2 },
    min: 0,
    max: 1_000,
    holds: [],
    failures: { count: 0 },
    instances: [],
    joins: ['extlb1-8805/extlb1-8805-BAP1', 'extlb1-8805/extlb1-8805-BAP2'],
  })
  expect(await cloneObstacles(access, 'vmss6669', releases[group!.release]!)).toEqual([
    'vmss6669 is in Automatic mode: any change of it, a mark too, may re-image the instances that run; set it to Manual',
    expect.stringMatching(
      /^vmss6669 has an admin password, .*: say it in launch\.virtualMachineProfile\.osProfile\.adminPassword$/,
    ),
    'vmss6669 cannot be cloned: it has an inbound NAT pool, and one of those serves one set only',
  ])
})

test('a Uniform set with an extension whose protected settings are not told is not cloned without them', async (context) => {
  if (unrecorded !== undefined) return context.skip(unrecorded)
  const set = new Recording('vmss-extension-protected-settings.json').last('GET', '/virtualMachineScaleSets/vmss4755')
  const { access, groups, releases } = await alone('javacsmrg7662', 'vmss4755', set, 'eastus')
  const [group] = groups
  expect([group!.sizes, group!.max, group!.joins]).toEqual([{ [group!.release]: 3 }, 100, undefined])
  expect(await cloneObstacles(access, 'vmss4755', releases[group!.release]!)).toEqual([
    expect.stringMatching(/^vmss4755 is in Automatic mode/),
    expect.stringMatching(/^vmss4755 has an admin password/),
    'vmss4755 has the extension CustomScriptForLinux, maybe with protected settings, which Azure does not give back to be cloned: say it in launch.virtualMachineProfile.extensionProfile',
  ])
})

/** A set as it was recorded, whose instances were not asked for. */
async function alone(resourceGroup: string, name: string, set: unknown, location: string) {
  const image = new Recording('vmss-create-update.json').last('GET', '/versions/16.04.201912110')
  const { name: size } = (set as { sku: { name: string } }).sku
  const access = await replay(resourceGroup, {
    '/skus/16.04.0-LTS/versions': [{ name: '16.04.201912110', location, id: '' }],
    '/skus/16.04.0-LTS/versions/16.04.201912110': image,
    [`/virtualMachineScaleSets/${name}`]: set,
    [`/${name}/virtualMachines`]: { value: [] },
    '/Microsoft.Compute/skus': { value: [{ ...sizeOf(size), locations: [location] }] },
  })
  return { access, ...(await look(access, name)) }
}

async function cloneObstacles(access: AzureAccess, name: string, base: Release): Promise<readonly string[]> {
  const clones = { name: 'web', placement: clone({ adopt: name }), handles: [] }
  return (await azure(access).resolve(clones, { base }, call())).obstacles
}

interface List {
  readonly value: readonly { readonly instanceId: string; readonly properties: object }[]
}

/** A list as it is when views are asked for with it: each of them was recorded alone. */
function withViews({ value }: List, viewOf: (id: string) => unknown): unknown {
  return { value: value.map((one) => ({ ...one, properties: { ...one.properties, instanceView: viewOf(one.instanceId) } })) }
}

/** No recording lists sizes of machines. */
function sizeOf(name: string): object {
  return {
    resourceType: 'virtualMachines',
    name,
    locations: ['eastus'],
    capabilities: [{ name: 'HyperVGenerations', value: 'V1' }],
  }
}

function target(group: string) {
  return { name: 'web', placement: inPlace(group), handles: [] }
}

function call() {
  return { signal: new AbortController().signal, token: 't' }
}

async function look(access: Parameters<typeof azure>[0], group: string) {
  return await azure(access).describe(target(group), call())
}
