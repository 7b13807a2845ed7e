import { expect, test } from 'vitest'
import { call, changing, target } from './changing.ts'
import { ZONE } from './fleet.ts'
import { testTheWire } from './site.ts'
import { Fault } from './wire/fault.ts'

const [GROUP, SCALER] = [`zones/${ZONE}/instanceGroupManagers/web-v001`, `zones/${ZONE}/autoscalers/web-v001`]

const calls = [
  'instanceTemplates.insert',
  'instanceGroupManagers.insert',
  'instanceGroups.setNamedPorts',
  'autoscalers.insert',
  'backendServices.patch',
  'instanceGroupManagers.patch',
] as const

test.for(calls.flatMap((name) => (['before', 'after'] as const).map((when) => [name, when] as const)))(
  'a group whose making ended with %s, %s it was carried out, says so and is made whole',
  async ([name, when]) => {
    const { site, cloud, look, request, settle } = await changing()
    const asked = await request()
    site.project.mishaps.set(name, when === 'before' ? 'reset' : 'unheard')
    await expect(cloud.ensureGroup(target, asked, call())).rejects.toMatchObject({ facts: { class: 'unknown' } })
    site.project.mishaps.clear()
    settle()
    const shown = (await look()).groups.find((one) => one.id === 'web-v001')
    // The last call takes the mark away.
    const isWhole = name === 'instanceGroupManagers.patch' && when === 'after'
    if (site.project.groups.has(GROUP)) expect(shown?.partial).toBe(isWhole ? undefined : true)
    await cloud.ensureGroup(target, asked, call())
    settle()
    const { groups } = await look()
    expect(groups.find((one) => one.id === 'web-v001')).not.toHaveProperty('partial')
    const { project } = site
    expect(project.groups.get(GROUP)).toMatchObject({ targetSize: 2, namedPorts: [{ name: 'http', port: 8_080 }] })
    expect(project.autoscalers.get(SCALER)).toMatchObject({ target: GROUP, min: 1, max: 10, mode: 'ON' })
    expect([...project.services.get('global/backendServices/web')!.backends.keys()]).toContain(GROUP)
    expect(project.templates.size).toBe(3)
  },
)

test('a clone has everything that its group has, its autoscaler and ports as well, and its own marks behind what the owner wrote', async () => {
  const { site, cloud, group, request } = await changing()
  const policy = { customMetricUtilizations: [{ metric: 'queue', utilizationTarget: 3 }], coolDownPeriodSec: 90 }
  Object.assign(site.project.autoscalers.get(SCALER.replace('-v001', ''))!, { policy })
  const more = {
    allInstancesConfig: { properties: { labels: { team: 'web' } } },
    instanceLifecyclePolicy: { forceUpdateOnRepair: 'NO', defaultActionOnFailure: 'REPAIR' },
  }
  Object.assign(group, { more })
  await cloud.ensureGroup(target, await request(), call())
  const made = site.project.groups.get(GROUP)
  expect(made).toMatchObject({ more, healthChecked: true, updateType: 'PROACTIVE', baseInstanceName: 'web-v001' })
  expect(made?.description).toMatch(/^the shop imago:\{"fleet":"gcp:.*","rollout":"web#1"\}$/)
  expect(site.project.autoscalers.get(SCALER)?.policy).toMatchObject(policy)
  expect(made?.versions[0]?.template).toMatch(/^global\/instanceTemplates\/web-v001-r-[0-9a-f]{12}$/)
})

test.for([
  ['target pools', { targetPools: ['old'] }, /targetPools: target pools send to all of its instances/],
  ['a stateful policy', { statefulPolicy: { preservedState: { disks: { data: {} } } } }, /statefulPolicy: it keeps disks/],
] as const)('a group with %s is not cloned, and nothing is made', async ([, more, why]) => {
  const { site, cloud, group, request } = await changing()
  Object.assign(group, { more })
  await expect(cloud.ensureGroup(target, await request(), call())).rejects.toThrow(why)
  expect([site.project.groups.size, site.project.templates.size]).toEqual([1, 2])
})

test('a template of the name that launches something else is a conflict, and no group is made', async () => {
  const { site, cloud, request } = await changing()
  const asked = await request()
  const path = `global/instanceTemplates/web-v001-${asked.release.id}`
  const other = site.project.templates.get('global/instanceTemplates/web-1')!
  site.project.templates.set(path, { ...other, path, name: path.split('/').at(-1)! })
  const refused = cloud.ensureGroup(target, asked, call())
  await expect(refused).rejects.toMatchObject({ facts: { class: 'conflict' }, message: /There is another instance template/ })
  expect(site.project.groups.size).toBe(1)
})

test('an image whose name was given to another one meanwhile is launched nowhere', async () => {
  const { site, cloud, request } = await changing()
  const asked = await request()
  const { images } = site.project
  images.set('elsewhere', { ...images.get('web-2026-02')!, name: 'web-2026-02' })
  images.set('web-2026-02', { ...images.get('web-2026-02')!, id: site.project.newId() })
  await expect(cloud.ensureGroup(target, asked, call())).rejects.toThrow(/was given to another one/)
  expect(site.project.templates.size).toBe(2)
})

test('whatever an operation fails of within is told as what the change failed of', async () => {
  const { site, cloud, request } = await changing()
  const failure = { code: 'QUOTA_EXCEEDED', message: "Quota 'INSTANCE_GROUP_MANAGERS' exceeded.", status: 403 }
  site.project.failures.set('instanceGroupManagers.insert', failure)
  await expect(cloud.ensureGroup(target, await request(), call())).rejects.toMatchObject({
    facts: { class: 'quota' },
    message: expect.stringMatching(/^instanceGroupManagers.insert was accepted, and failed: QUOTA_EXCEEDED: Quota/),
  })
})

test('a refusal is classed by its reason, also where the client does not carry it', async () => {
  const { site, cloud, base } = await changing()
  const sizes = { [(await base()).id]: 5 }
  for (const [status, reason, failure] of [
    [403, 'quotaExceeded', 'quota'],
    [403, 'rateLimitExceeded', 'throttled'],
    [403, 'forbidden', 'denied'],
    [400, 'resourceNotReady', 'transient'],
    [412, 'conditionNotMet', 'conflict'],
    [503, 'backendError', 'unknown'],
  ] as const) {
    site.project.mishaps.set('instanceGroupManagers.patch', new Fault(status, reason, 'It is as it is.'))
    const refused = cloud.resize(target, 'web', sizes, undefined, call())
    await expect(refused).rejects.toMatchObject({ facts: { class: failure, native: reason } })
  }
})

testTheWire()
