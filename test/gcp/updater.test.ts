import { inPlace, rolling } from 'imago'
import { expect, test } from 'vitest'
import { share } from '../kit/share.ts'
import { driveUntil, restMidway } from '../kit/turns.ts'
import { UNSENT } from '../kit/wire/fate.ts'
import { call, changing, target } from './changing.ts'
import { addTemplate, REGION, ZONE } from './fleet.ts'
import { drive, leftovers, loseTwo, NEW, OLD, roll, running, setUp, type Job } from './rolling.ts'
import { createSite, testTheWire, type Site } from './site.ts'
import { converge } from './wire/converge.ts'
import { checkPolicy } from './wire/policy.ts'

const groups = inPlace('web')
const everywhere = [
  ['a zone', { strategy: rolling({ by: 'native' }), groups, location: ZONE }],
  ['a region', { strategy: rolling({ by: 'native', maxSurge: 3 }), groups, location: REGION }],
] as const
const [[, ZONAL], [, REGIONAL]] = everywhere

/** The one group of a site. */
const groupOf = ({ project }: Site) => [...project.groups.values()][0]!

test.for(share(everywhere, 4))('the updater of a group of %s replaces the first instance, and then the rest', async ([, job]) => {
  const site = await createSite()
  const { rollout, images } = await roll(site, job)
  expect(rollout.state.outcome).toBe('promoted')
  expect(images()).toEqual([NEW, NEW, NEW])
  expect(leftovers(site)).toEqual([])
  // Whom it replaces it chooses itself.
  expect(Object.keys(site.calls()).filter((one) => /deleteInstances/i.test(one))).toEqual([])
})

test.for(share(everywhere, 4))('an image that never answers is frozen and taken back by the engine, in %s', async ([, job]) => {
  const site = await createSite()
  const { rollout, images } = await roll(site, { ...job, behaviour: { kind: 'never-healthy' } })
  expect(rollout.state.outcome).toBe('rolled-back')
  expect(images()).toEqual([OLD, OLD, OLD])
  expect(leftovers(site)).toEqual([])
})

test.for(share(everywhere, 4))('serving capacity never falls below the floor, in %s', async ([, job]) => {
  const site = await createSite()
  let fewest = 3
  const before = () =>
    site.world.observe(() => {
      const serving = [...groupOf(site).instances.values()].filter((one) => one.action === 'NONE')
      fewest = Math.min(fewest, serving.length)
    })
  await roll(site, { ...job, before })
  expect(fewest).toBe(3)
})

test.for([
  ['shares', { surge: { percent: 20 }, unavailable: { percent: 10 }, minimalAction: 'RESTART' }],
  ['recreation', { replacementMethod: 'RECREATE', surge: { fixed: 0 }, unavailable: { fixed: 2 } }],
] as const)('how a group updated itself before is restored: %s', async ([, own]) => {
  const site = await createSite()
  const { rollout } = await roll(site, { ...ZONAL, size: 10, before: () => void Object.assign(groupOf(site), own) })
  expect(rollout.state.outcome).toBe('promoted')
  expect(groupOf(site)).toMatchObject(own)
  expect(Object.keys({ ...groupOf(site).surge, ...groupOf(site).unavailable }).length).toBe(1)
  expect(leftovers(site)).toEqual([])
})

test('it rests while a rollout is paused, and goes on when that is resumed', async () => {
  const site = await createSite()
  const { web, image } = setUp(site, ZONAL)
  const rollout = await web.start(await web.plan({ image, strategy: ZONAL.strategy }))
  const says = () => groupOf(site).updateType
  const { left, ...rest } = await restMidway(site, rollout, { running: () => running(site), image: NEW, count: 2, says })
  expect(rest).toEqual({ says: 'OPPORTUNISTIC', outcome: 'promoted' })
  expect([left[0]?.length, left[1], running(site)]).toEqual([3, left[0], [NEW, NEW, NEW]])
  expect(leftovers(site)).toEqual([])
})

test.for(share(everywhere, 4))(
  'a rollout ends well where of each kind of change the first never arrives, and the second is never answered, in %s',
  async ([, job]) => {
    const site = await createSite()
    loseTwo(site)
    const { rollout, images } = await roll(site, job)
    expect(rollout.state.outcome).toBe('promoted')
    expect(images()).toEqual([NEW, NEW, NEW])
    expect(leftovers(site)).toEqual([])
  },
)

/** The owner's own tool tells the group to launch the new image, and its updater to bring that about. */
function begun(site: Site, job: Job = ZONAL) {
  const fleet = setUp(site, job)
  addTemplate(site, 'web-2', NEW)
  const group = groupOf(site)
  group.versions = [{ template: 'global/instanceTemplates/web-2', name: '0/2026-02' }]
  converge(site.project, group)
  site.world.runUntil(site.world.now + 70_000)
  return { ...fleet, group }
}

test('an update that somebody else began is refused by default, and supervised to its end by whoever plans that', async () => {
  const site = await createSite()
  const { web, image } = begun(site)
  await expect(web.plan({ image, strategy: rolling() })).rejects.toThrow(/the updater of web, PROACTIVE, . of 3 .*supervise it/s)
  const plan = await web.plan({ image, strategy: ZONAL.strategy })
  expect(plan.waypoints.map((one) => one.id)).toEqual(['replace', 'retire-stable'])
  const rollout = await web.start(plan)
  await drive(site, rollout)
  expect([rollout.state.outcome, running(site)]).toEqual(['promoted', [NEW, NEW, NEW]])
  expect(leftovers(site)).toEqual([])
})

test('an update that somebody else began is frozen and taken back when somebody says so', async () => {
  const site = await createSite()
  const { web, image } = begun(site)
  const rollout = await web.start(await web.plan({ image, strategy: ZONAL.strategy }))
  await drive(site, rollout, 3)
  await rollout.rollback({ reason: 'it is slow' })
  await drive(site, rollout)
  expect([rollout.state.outcome, running(site)]).toEqual(['rolled-back', [OLD, OLD, OLD]])
  expect(leftovers(site)).toEqual([])
})

test('somebody else who has the group replaced by a third image in mid-rollout is stopped', async () => {
  const site = await createSite()
  const { web, image } = setUp(site, ZONAL)
  site.publish('web-2026-03')
  addTemplate(site, 'web-3', 'web-2026-03')
  const rollout = await web.start(await web.plan({ image, strategy: ZONAL.strategy }))
  await driveUntil(site, rollout, () => running(site).includes(NEW))
  const group = groupOf(site)
  group.versions = [{ template: 'global/instanceTemplates/web-3' }]
  group.updateType = 'PROACTIVE'
  converge(site.project, group)
  await driveUntil(site, rollout, () => group.updateType === 'OPPORTUNISTIC')
  expect(group.versions.map((one) => one.template)).toEqual(['global/instanceTemplates/web-3'])
  await drive(site, rollout)
  expect([rollout.state.outcome, running(site)]).toEqual(['promoted', [NEW, NEW, NEW]])
  expect(leftovers(site)).toEqual([])
})

test.for([
  ['surge', { maxSurge: 1 }, /strategy\.maxSurge: found 1 of 3, by native, but .* number of its zones \(3\).*by: 'engine'/],
  ['missing', { maxSurge: 3, maxUnavailable: 2 }, /strategy\.maxUnavailable: found 2 of 3/],
  ['soak', { maxSurge: 3, soak: '1m' }, /strategy\.soak: found 60000 ms, by native, but the updater .* does not wait/],
] as const)('a plan that a group of a region would refuse is refused with the reason: %s', async ([, options, reason]) => {
  const site = await createSite()
  const { web, image } = setUp(site, REGIONAL)
  await expect(web.plan({ image, strategy: rolling({ by: 'native', ...options }) })).rejects.toThrow(reason)
})

test('a group whose updater may not replace is rolled by the engine alone', async () => {
  const site = await createSite()
  const { web, image } = setUp(site, ZONAL)
  groupOf(site).mostDisruptive = 'RESTART'
  await expect(web.plan({ image, strategy: ZONAL.strategy })).rejects.toThrow(
    /native, but web lets its updater do no more than RESTART \(mostDisruptiveAllowedAction\)/,
  )
  await web.plan({ image, strategy: rolling() })
})

test('a stop that got half way is still to be made, and the size is what it was once it is asked for again', async () => {
  const { site, group, cloud, request } = await changing()
  const placed = { ...target, placement: groups, updates: true }
  const asked = await request({ group: 'web', size: 0 })
  const budget = { release: asked.release.id, maxSurge: 1, maxUnavailable: 0, soakMs: 0 }
  await cloud.ensureGroup(placed, asked, call())
  await cloud.updater!.start(placed, 'web', budget, call())
  site.world.runUntil(site.world.now + 10_000)
  expect([group.targetSize, group.instances.size]).toEqual([3, 4])
  for (const [lost, sizes] of [
    ['instanceGroupManagers.deleteInstances', [4, 4]],
    ['instanceGroupManagers.patch', [4, 4]],
  ] as const) {
    let patches = 0
    site.project.fateOf = (name) => (name === lost && ++patches > 0 ? UNSENT : undefined)
    await expect(cloud.updater!.stop(placed, 'web', call())).rejects.toMatchObject({ facts: { class: 'unknown' } })
    expect([group.targetSize, group.instances.size]).toEqual(sizes)
    const [seen] = (await cloud.describe(placed, call())).groups
    expect([seen?.update?.state, Object.values(seen!.sizes).reduce((sum, one) => sum + one, 0)]).toEqual(['running', 3])
  }
  site.project.fateOf = () => undefined
  await cloud.updater!.stop(placed, 'web', call())
  site.world.runUntil(site.world.now + 60_000)
  expect([group.targetSize, group.instances.size, group.updateType]).toEqual([3, 3, 'OPPORTUNISTIC'])
  expect(group.description).not.toContain('"size"')
})

test('what a group of a region does not take is refused in the words of Google, and a soak in those of imago', async () => {
  const { cloud, request } = await changing({ location: REGION })
  const placed = { ...target, placement: groups }
  const asked = await request({ group: 'web', size: 0 })
  await cloud.ensureGroup(placed, asked, call())
  const start = (more: object) => {
    const budget = { release: asked.release.id, maxSurge: 3, maxUnavailable: 0, soakMs: 0, ...more }
    return cloud.updater!.start(placed, 'web', budget, call())
  }
  const refusal = (message: RegExp) => ({ message: expect.stringMatching(message), facts: { class: 'invalid' } })
  await expect(start({ maxSurge: 2 })).rejects.toMatchObject(
    refusal(/Fixed updatePolicy.maxSurge for regional .* has to be either 0 or at least equal to the number of zones/),
  )
  await expect(start({ maxUnavailable: 1 })).rejects.toMatchObject(refusal(/Fixed updatePolicy.maxUnavailable for regional/))
  await expect(start({ soakMs: 1 })).rejects.toMatchObject(refusal(/cannot let instances wait once they are well/))
})

test.for([
  ['a share of fewer than ten', { surge: { percent: 20 } }, /10 instances or more/],
  ['a number and a share', { surge: { fixed: 1, percent: 20 } }, /both fixed and percent/],
  ['neither surge nor anything missing', { surge: { fixed: 0 }, unavailable: { fixed: 0 } }, /cannot both be 0/],
  ['surge beside recreation', { replacementMethod: 'RECREATE' }, /maxSurge must be equal to 0 when replacement method is/],
  ['no version for the rest', { versions: [{ template: 'global/instanceTemplates/web-1', fixed: 1 }] }, /one version/],
] as const)('the wire server refuses %s, as Google does', async ([, change, why]) => {
  const { group } = await changing()
  expect(() => checkPolicy(group)).not.toThrow()
  expect(() => checkPolicy({ ...group, ...change })).toThrow(why)
})

testTheWire()
