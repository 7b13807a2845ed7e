import { blueGreen, canary, slots } from 'imago'
import { azure } from 'imago/azure'
import { describe, expect, test } from 'vitest'
import { addSlot, changeModel, NEW, OLD, setUpFleet, type FleetSettings } from './fleet.ts'
import { drive, newStore, roll, startProcess, type Job } from './rolling.ts'
import { createSite, DEFINITION, type Site } from './site.ts'
import type { SetRecord } from './wire/account.ts'

const GROUPS = slots('web', 'web-b')
/** All that a rollout may do to what infrastructure code owns. */
const ALLOWED = [
  'autoscaleSettings.createOrUpdate',
  'loadBalancers.createOrUpdate',
  'loadBalancerBackendAddressPools.createOrUpdate',
  'virtualMachineScaleSets.deleteInstances',
  'virtualMachineScaleSets.update',
]
const WAYS: readonly (readonly [string, Pick<Job, 'strategy' | 'way'>, string])[] = [
  ['blue/green by rules', { strategy: blueGreen({ bake: '2m', progressDeadline: '5m' }), way: 'rules' }, 'web-lb/web-b'],
  [
    'canary by count',
    { strategy: canary({ weights: [34, 67], bake: '2m', progressDeadline: '5m' }), way: 'a pool' },
    'web-lb/web',
  ],
]
const KINDS = WAYS.flatMap((way) => (['Flexible', 'Uniform'] as const).map((mode) => [way[0], mode, way] as const))

describe.for(KINDS)('%s from one slot to the other, %s', ([, mode, [, job, pool]]) => {
  test('leaves both as their owner made them, but for what they launch and their sizes', async () => {
    const site = await createSite()
    const before = beginning(site, { mode, pool })
    const { rollout, images } = await roll(site, { ...job, groups: GROUPS, settings: { mode }, before: before.make })
    expect(rollout.state.outcome).toBe('promoted')
    expect(images()).toEqual([NEW, NEW, NEW])
    expect(strangeChanges(site)).toEqual([])
    const marks = mode === 'Uniform' ? ['imago:fleet', 'imago:launched'] : ['imago:fleet']
    expect(slotsOf(site)).toEqual([
      { name: 'web', size: 0, scaled: ['0', '10', '0'], marks },
      { name: 'web-b', size: 3, scaled: ['1', '10', '1'], marks: [...marks, 'imago:rollout'] },
    ])
    // Nobody else's word was touched: but for its image and tags each set says what it said.
    expect(before.settings(site)).toEqual(before.were())
  })

  test('back from an image that never answers', async () => {
    const site = await createSite()
    const behaviour = { kind: 'never-healthy' } as const
    const before = beginning(site, { mode, pool }).make
    const { rollout, images } = await roll(site, { ...job, groups: GROUPS, settings: { mode }, behaviour, before })
    expect(rollout.state.outcome).toBe('rolled-back')
    expect(images()).toEqual([OLD, OLD, OLD])
    expect(strangeChanges(site)).toEqual([])
    const marks = mode === 'Uniform' ? ['imago:fleet', 'imago:launched'] : ['imago:fleet']
    expect(slotsOf(site)).toMatchObject([
      { name: 'web', size: 3, scaled: ['1', '10', '1'], marks },
      { name: 'web-b', size: 0, scaled: ['0', '10', '0'] },
    ])
  })
})

test('and back again, by whoever names them the other way round', async () => {
  const site = await createSite()
  setUpFleet(site, { mode: 'Uniform', pool: 'web-lb/web', bounds: { min: 1, max: 10 } })
  addSlot(site, { mode: 'Uniform', pool: 'web-lb/web-b' })
  const store = newStore(site)
  for (const [groups, version] of [
    [GROUPS, NEW],
    [slots('web-b', 'web'), '1.0.2'],
  ] as const) {
    const { imago, web } = startProcess(site, { groups, store, way: 'rules' })
    const rollout = await web.start(await web.plan({ image: site.publish(version), strategy: blueGreen({ bake: '30s' }) }))
    await drive(site, rollout)
    expect(rollout.state.outcome).toBe('promoted')
    await imago.close()
  }
  expect(slotsOf(site).map(({ name, size }) => [name, size])).toEqual([
    ['web', 3],
    ['web-b', 0],
  ])
})

test.for([
  [{ bounds: { min: 0, max: 2 } }, /the autoscale setting of web-b allows 2 instances, and that of web 10/],
  [{ upgradeMode: 'Rolling' }, /web-b is in Rolling mode/],
] as const)('a slot that could not take over is refused when it is planned: %j', async ([settings, reason]) => {
  const { site, resolve } = planning(settings)
  expect((await resolve(await site)).join('; ')).toMatch(reason)
})

test('so is one whose other settings imago cannot change, or that has nothing to scale it', async () => {
  const { site, resolve } = planning({})
  const made = await site
  const slot = made.account.sets.get('web-b')!
  changeModel(slot, { osProfile: { computerNamePrefix: 'b', adminUsername: 'somebody' } })
  made.account.settings.delete('web-b-by-load')
  expect(await resolve(made)).toEqual([
    'of the slots web-b and web one has an autoscale setting and the other has none',
    'the slot web-b has another osProfile, and imago changes that in no set that is there',
  ])
})

test('a slot that differs in what can be changed launches what the other does', async () => {
  const site = await createSite()
  const before = (made: Site) => {
    addSlot(made, { pool: 'web-lb/web-b' })
    const slot = made.account.sets.get('web-b')!
    const asking = JSON.stringify(profileOf(slot.model)['extensionProfile']).replace('/healthy', '/before')
    changeModel(slot, { licenseType: 'None', extensionProfile: JSON.parse(asking) as object })
    changeModel(made.account.sets.get('web')!, { licenseType: 'RHEL_BYOS' })
  }
  const { rollout } = await roll(site, { strategy: blueGreen({ bake: '30s' }), way: 'rules', groups: GROUPS, before })
  expect(rollout.state.outcome).toBe('promoted')
  const [web, slot] = [...site.account.sets.values()].map(({ model }) => profileOf(model))
  expect(slot).toMatchObject({ licenseType: 'RHEL_BYOS', extensionProfile: web!['extensionProfile'] })
})

test('a slot that is not there is named before anything is touched', async () => {
  const refused = roll(await createSite(), { strategy: blueGreen(), way: 'rules', groups: GROUPS })
  await expect(refused).rejects.toThrow('in the resource group shop there is no scale set web-b')
})

/** Two slots, and what their owner said of them. */
function beginning(site: Site, settings: FleetSettings) {
  let were: unknown
  const own = ({ model }: SetRecord) => {
    const { virtualMachineProfile: _profile, ...properties } = model.properties
    const { storageProfile: _stored, ...profile } = profileOf(model)
    return [model.sku.name, properties, profile]
  }
  const settingsOf = ({ account }: Site) => [...account.sets.values()].map(own)
  return {
    make: () => {
      addSlot(site, settings)
      were = settingsOf(site)
    },
    settings: settingsOf,
    were: () => were,
  }
}

function profileOf({ properties }: SetRecord['model']): Record<string, unknown> {
  return properties['virtualMachineProfile'] as Record<string, unknown>
}

function planning(settings: FleetSettings) {
  const made = createSite().then((site) => {
    setUpFleet(site, { mode: 'Flexible', pool: 'web-lb/web', bounds: { min: 1, max: 10 } })
    addSlot(site, { pool: 'web-lb/web-b', ...settings })
    return site
  })
  const resolve = async (site: Site) => {
    const target = { name: 'web', placement: GROUPS, handles: [] }
    const context = { signal: new AbortController().signal, token: 't' }
    const cloud = azure(site.access)
    const base = Object.values((await cloud.describe(target, context)).releases)[0]!
    return (await cloud.resolve(target, { image: `${DEFINITION}/versions/${NEW}`, base }, context)).obstacles
  }
  return { site: made, resolve }
}

/** What the owner of two slots finds. */
function slotsOf({ account }: Site) {
  return [...account.sets.values()].map(({ name, model }) => {
    const { properties } = account.settings.get(`${name}-by-load`) as {
      properties: { profiles: [{ capacity: Record<'minimum' | 'maximum' | 'default', string> }] }
    }
    const { minimum, maximum, default: usual } = properties.profiles[0].capacity
    const marks = Object.keys(model.more['tags'] ?? {}).filter((key) => key.startsWith('imago:'))
    return { name, size: model.sku.capacity, scaled: [minimum, maximum, usual], marks: marks.toSorted() }
  })
}

function strangeChanges({ account }: Site): string[] {
  const changes = account.requests.filter((one) => one.method !== 'GET').map((one) => one.operation)
  return changes.filter((one) => !ALLOWED.includes(one))
}
