import { inPlace, type HoldView } from 'imago'
import { expect, test } from 'vitest'
import { call, changing, target } from './changing.ts'
import { REGION, ZONE } from './fleet.ts'
import { testTheWire } from './site.ts'

const WEB = `zones/${ZONE}/instanceGroupManagers/web`
const SCALE_IN = { kind: 'scale-in', owner: 'web#1', epoch: 1, expiresAt: Date.UTC(2040, 0), store: 'store' } as const
const CLAIM: HoldView = { ...SCALE_IN, kind: 'claim' }

test('of two sizes that were written over the same one lands', async () => {
  const { site, cloud, base } = await changing()
  const { id } = await base()
  const ends = await Promise.allSettled([4, 5].map((size) => cloud.resize(target, 'web', { [id]: size }, undefined, call())))
  const refused = ends.filter((one) => one.status === 'rejected').map((one) => one.reason as unknown)
  expect(refused).toMatchObject([{ facts: { class: 'conflict' } }])
  expect([4, 5]).toContain(site.project.groups.get(WEB)?.targetSize)
})

test('the same call sent again under its token is carried out once, and another one under that token is another one', async () => {
  const { site, cloud, look, base } = await changing()
  const { id } = await base()
  const once = call()
  const { handle } = await cloud.resize(target, 'web', { [id]: 4 }, undefined, once)
  site.project.groups.get(WEB)!.targetSize = 3
  expect(await cloud.resize(target, 'web', { [id]: 4 }, undefined, once)).toEqual({ handle })
  await cloud.resize(target, 'web', { [id]: 5 }, undefined, once)
  expect((await look()).groups[0]?.sizes).toEqual({ [id]: 5 })
})

test('marks that are written side by side all land, and so does a removal beside them', async () => {
  const { cloud, look, base } = await changing()
  const { id } = await base()
  const [victim] = (await look()).groups[0]!.instances
  await Promise.all([
    cloud.hold(target, 'web', CLAIM, undefined, call()),
    cloud.hold(target, 'web', SCALE_IN, 2, call()),
    cloud.remove(target, 'web', [victim!.id], { [id]: 2 }, call()),
  ])
  const { holds, sizes } = (await look()).groups[0]!
  expect(holds.map((one) => one.kind).toSorted()).toEqual(['claim', 'scale-in'])
  expect(sizes).toEqual({ [id]: 2 })
})

test('another machine of the name that was meant is left alone', async () => {
  const { site, group, cloud, look, base, settle } = await changing()
  const { id } = await base()
  const [victim] = (await look()).groups[0]!.instances
  const member = group.instances.get(victim!.id.split('/')[0]!)!
  site.world.machines.end(member.launched!, 'it broke')
  settle()
  const again = (await look()).groups[0]!.instances.find((one) => one.id.startsWith(`${member.name}/`))
  expect(again?.id).not.toBe(victim?.id)
  await cloud.remove(target, 'web', [victim!.id], { [id]: 2 }, call())
  settle()
  expect((await look()).groups[0]?.instances.map((one) => one.id)).toContain(again?.id)
  await cloud.remove(target, 'web', [again!.id], { [id]: 2 }, call())
  settle()
  const left = (await look()).groups[0]!
  expect(left.instances.map((one) => one.id)).not.toContain(again?.id)
  expect(left.sizes).toEqual({ [id]: 2 })
})

test('a size that stands for what cannot be launched is lowered without naming anybody', async () => {
  const { site, cloud, look, base, settle } = await changing()
  const { id } = await base()
  site.world.machines.runShort(() => 'none left')
  await cloud.resize(target, 'web', { [id]: 5 }, undefined, call())
  settle()
  const before = (await look()).groups[0]!
  expect(before.instances.filter((one) => one.state === 'starting').length).toBe(2)
  await cloud.remove(target, 'web', [], { [id]: 3 }, call())
  settle()
  const { instances, sizes } = (await look()).groups[0]!
  expect([instances.map((one) => one.state), sizes]).toEqual([Array(3).fill('healthy'), { [id]: 3 }])
})

test('what a deletion that was accepted failed of shows in the looks that follow, by its handle', async () => {
  const { site, cloud, request, settle } = await changing()
  await cloud.ensureGroup(target, await request(), call())
  const failure = { code: 'RESOURCE_IN_USE_BY_ANOTHER_RESOURCE', message: 'It is being used.', status: 400 }
  site.project.failures.set('instanceGroupManagers.delete', failure)
  const { handle = '' } = await cloud.retire(target, 'web-v001', call())
  const fate = async () => (await cloud.describe({ ...target, handles: [handle] }, call())).handles[handle]
  expect(await fate()).toEqual({ state: 'pending' })
  settle()
  expect(await fate()).toMatchObject({
    state: 'failed',
    class: 'conflict',
    message: expect.stringContaining('It is being used.'),
  })
  site.project.failures.clear()
  await cloud.retire(target, 'web-v001', call())
  settle()
  expect([...site.project.groups.keys(), ...site.project.autoscalers.keys()].filter((one) => one.endsWith('v001'))).toEqual([])
})

test('a retirement that was left in the middle keeps its group from growing until the claim on it is released', async () => {
  const { site, group, cloud, base } = await changing()
  const grow = async () => cloud.resize(target, 'web', { [(await base()).id]: 4 }, undefined, call())
  await cloud.hold(target, 'web', CLAIM, undefined, call())
  site.project.mishaps.set('autoscalers.delete', 'reset')
  await expect(cloud.retire(target, 'web', call())).rejects.toMatchObject({ facts: { class: 'unknown' } })
  site.project.mishaps.clear()
  await expect(grow()).rejects.toMatchObject({ facts: { class: 'conflict' } })
  await cloud.release(target, 'web', 'claim', 'web#2', call())
  await expect(grow()).rejects.toMatchObject({ facts: { class: 'conflict' } })
  await cloud.release(target, 'web', 'claim', 'web#1', call())
  await grow()
  expect(group.targetSize).toBe(4)
})

test('while a group is held its autoscaler ends nobody and its zones are not balanced; then all is as it was', async () => {
  const { site, group, cloud, look } = await changing({ location: REGION })
  const [scaler] = site.project.autoscalers.values()
  await cloud.hold(target, 'web', SCALE_IN, 3, call())
  expect([scaler?.mode, scaler?.min, group.redistribution]).toEqual(['ONLY_SCALE_OUT', 3, 'NONE'])
  await cloud.hold(target, 'web', { ...SCALE_IN, epoch: 2 }, 4, call())
  expect((await look()).groups[0]?.holds).toEqual([{ ...SCALE_IN, epoch: 2, previousMin: 1 }])
  await cloud.release(target, 'web', 'scale-in', 'web#1', call())
  expect([scaler?.mode, scaler?.min, group.redistribution]).toEqual(['ON', 1, 'PROACTIVE'])
  expect(group.description).toMatch(/^the shop imago:\{"fleet":"gcp:[^"]*"\}$/)
})

test('a largest size that somebody lowers while a group is held is the minimum that it gets back', async () => {
  const { site, cloud } = await changing()
  const [scaler] = site.project.autoscalers.values()
  Object.assign(scaler!, { min: 3 })
  await cloud.hold(target, 'web', SCALE_IN, 3, call())
  Object.assign(scaler!, { min: 2, max: 2 })
  await cloud.release(target, 'web', 'scale-in', 'web#1', call())
  expect([scaler?.mode, scaler?.min, scaler?.max]).toEqual(['ON', 2, 2])
})

test('an autoscaler that its owner has switched off is off again afterwards', async () => {
  const { site, cloud } = await changing()
  const [scaler] = site.project.autoscalers.values()
  scaler!.mode = 'OFF'
  await cloud.hold(target, 'web', SCALE_IN, 3, call())
  await cloud.release(target, 'web', 'scale-in', 'web#1', call())
  expect([scaler?.mode, scaler?.min]).toEqual(['OFF', 1])
})

test('a group that is held before it has its autoscaler has the minimum of its original when it is let go', async () => {
  const { site, cloud, request } = await changing()
  const asked = await request()
  site.project.mishaps.set('autoscalers.insert', 'reset')
  await expect(cloud.ensureGroup(target, asked, call())).rejects.toMatchObject({ facts: { class: 'unknown' } })
  site.project.mishaps.clear()
  await cloud.hold(target, 'web-v001', SCALE_IN, 2, call())
  await cloud.ensureGroup(target, asked, call())
  const scaler = () => site.project.autoscalers.get(`zones/${ZONE}/autoscalers/web-v001`)
  await cloud.hold(target, 'web-v001', { ...SCALE_IN, epoch: 2 }, 2, call())
  expect(scaler()).toMatchObject({ mode: 'ONLY_SCALE_OUT', min: 2 })
  await cloud.release(target, 'web-v001', 'scale-in', 'web#1', call())
  expect(scaler()).toMatchObject({ mode: 'ON', min: 1 })
})

test('a group is found by its marks, whatever its owner has written before them', async () => {
  const { group, cloud, request, look } = await changing()
  group.description = 'the shop.\nAsk ada@example.com, "first"'
  await cloud.ensureGroup(target, await request(), call())
  expect((await look()).groups.map((one) => one.id)).toEqual(['web', 'web-v001'])
})

test('a clone of a group that is held in place begins as its original is while nobody holds it', async () => {
  const { site, cloud, request } = await changing({ location: REGION })
  await cloud.hold(target, 'web', SCALE_IN, 3, call())
  await cloud.ensureGroup(target, await request(), call())
  const made = site.project.groups.get(`regions/${REGION}/instanceGroupManagers/web-v001`)
  expect(made).toMatchObject({ redistribution: 'PROACTIVE', updateType: 'PROACTIVE' })
  expect(site.project.autoscalers.get(`regions/${REGION}/autoscalers/web-v001`)).toMatchObject({ mode: 'ON', min: 1 })
})

test('in place the updater of a group leaves its instances alone, after the claim too while it would replace some', async () => {
  const { group, cloud, request, settle } = await changing()
  const placed = { ...target, placement: inPlace('web') }
  await cloud.hold(placed, 'web', CLAIM, undefined, call())
  await cloud.ensureGroup(placed, await request({ group: 'web', size: 1 }), call())
  settle()
  const counted = () => [...group.instances.values()].map((one) => one.template.split('/').at(-1))
  expect(counted().filter((one) => one === 'web-1').length).toBe(3)
  expect([counted().length, group.updateType]).toEqual([4, 'OPPORTUNISTIC'])
  await cloud.release(placed, 'web', 'claim', 'web#1', call())
  settle()
  expect(counted().filter((one) => one === 'web-1').length).toBe(3)
  await cloud.hold(placed, 'web', { ...CLAIM, owner: 'web#2' }, undefined, call())
  const { groups } = await cloud.describe(placed, call())
  const others = groups[0]!.instances.filter((one) => one.release !== groups[0]!.release)
  await cloud.remove(
    placed,
    'web',
    others.map((one) => one.id),
    { [groups[0]!.release]: 3 },
    call(),
  )
  settle()
  await cloud.release(placed, 'web', 'claim', 'web#2', call())
  expect([group.updateType, group.description]).toEqual(['PROACTIVE', expect.not.stringContaining('updates')])
})

test('with the claim go templates that were made for the fleet and launch nothing; those of others stay', async () => {
  const { site, cloud, request, look } = await changing()
  const { fleet } = await look()
  const { templates } = site.project
  const spare = (name: string, description: string) => {
    const path = `global/instanceTemplates/${name}`
    templates.set(path, { ...templates.get('global/instanceTemplates/web-1')!, path, name, description })
  }
  spare('web-v000', `imago:${JSON.stringify({ fleet })}`)
  spare('other', `imago:${JSON.stringify({ fleet: 'gcp:another/zone/web/1' })}`)
  spare('strange', 'not imago:{')
  await cloud.hold(target, 'web', CLAIM, undefined, call())
  const asked = await request()
  await cloud.ensureGroup(target, asked, call())
  await cloud.release(target, 'web', 'claim', 'web#1', call())
  const left = [...templates.keys()].map((one) => one.slice(one.lastIndexOf('/') + 1)).toSorted((a, b) => (a < b ? -1 : 1))
  expect(left).toEqual(['other', 'strange', 'web-1', 'web-2', `web-v001-${asked.release.id}`])
})

test('a group that repairs its instances into another release is not rolled in place', async () => {
  const { group, look } = await changing()
  Object.assign(group, { more: { instanceLifecyclePolicy: { forceUpdateOnRepair: 'YES' } } })
  const { facts } = await look()
  expect(facts.clone).toEqual({ can: true })
  expect(facts.inPlace).toMatchObject({ can: false, why: expect.stringContaining('forceUpdateOnRepair') })
})

testTheWire()
