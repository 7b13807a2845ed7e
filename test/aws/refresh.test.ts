import { inPlace, rolling, type Rollout } from 'imago'
import { describe, expect, test } from 'vitest'
import { preferencesFor } from '../../providers/aws/changes/refresh.ts'
import { NEW, OLD, setUpFleet } from './fleet.ts'
import { drive, leftovers, newStore, roll, startProcess, staying } from './rolling.ts'
import { createSite, testTheWire, type Site } from './site.ts'

const NATIVE = rolling({ by: 'native' })
const GROUPS = inPlace('web')

const refreshesOf = ({ account }: Site) => account.groups.get('web')!.refreshes.toReversed()
const statuses = (site: Site) => refreshesOf(site).map((one) => one.status)

describe('rolling by an instance refresh', () => {
  test('cancels the one that replaced the first instance, and lets another do the rest', async () => {
    const site = await createSite()
    const { rollout, images } = await roll(site, { strategy: NATIVE, groups: GROUPS, size: 4 })
    expect(rollout.state.outcome).toBe('promoted')
    expect(images()).toEqual([NEW, NEW, NEW, NEW])
    expect(leftovers(site)).toEqual([])
    expect(statuses(site)).toEqual(['Cancelled', 'Successful'])
    const [first, rest] = refreshesOf(site)
    expect([first?.replaced, rest?.replaced]).toEqual([1, 3])
    expect(site.account.calls.get('autoScaling.TerminateInstanceInAutoScalingGroup')).toBeUndefined()
  })

  test('leaves a fleet that can be looked at, while what it replaced ends and its launch template is gone', async () => {
    const site = await createSite()
    await roll(site, { strategy: NATIVE, groups: GROUPS })
    const [listener = ''] = site.account.listeners.keys()
    const { web } = startProcess(site, { listener, groups: GROUPS, store: newStore(site) })
    const rollout = await web.start(await web.plan({ image: OLD, strategy: NATIVE }))
    await drive(site, rollout)
    expect(rollout.state.outcome).toBe('promoted')
    const ending = [...site.account.instances.values()].filter((one) => one.lifecycle === 'Terminating')
    expect(ending.some((one) => !site.account.templates.has(one.template.id))).toBe(true)
    const next = startProcess(site, { listener, groups: GROUPS, store: newStore(site), name: 'next' })
    const { groups } = await next.web.describe()
    expect(groups[0]?.instances.filter((one) => one.state === 'healthy').length).toBe(3)
  })

  test('of an image that never answers is cancelled, and the engine takes back what it replaced', async () => {
    const site = await createSite()
    const { rollout, images } = await roll(site, { strategy: NATIVE, groups: GROUPS, behaviour: { kind: 'never-healthy' } })
    expect(rollout.state.outcome).toBe('rolled-back')
    expect(images()).toEqual([OLD, OLD, OLD])
    expect(leftovers(site)).toEqual([])
    expect(statuses(site)).toEqual(['Cancelled'])
  })

  test('serving capacity never falls below the floor', async () => {
    const site = await createSite()
    const { account, world } = site
    let fewest = 4
    world.observe(() => {
      const serving = staying(site).filter((one) => world.machines.find(one.id)?.state === 'healthy')
      if (account.groups.get('web')?.refreshes.length === 2) fewest = Math.min(fewest, serving.length)
    })
    await roll(site, { strategy: NATIVE, groups: GROUPS, size: 4 })
    expect(fewest).toBe(4)
  })
})

describe('a refresh that somebody else began', () => {
  /** The owner's own tool replaces the group by a version that the group does not launch yet. */
  async function begun(site: Site, behaviour: Parameters<Site['publish']>[1] = { kind: 'good' }) {
    const { listener } = await setUpFleet(site, { size: 4, min: 1, max: 10 })
    site.publish(NEW, behaviour)
    const { autoScaling, ec2 } = site.owner
    const version = { LaunchTemplateName: 'web', SourceVersion: '1', LaunchTemplateData: { ImageId: NEW } }
    await ec2.createLaunchTemplateVersion(version)
    const LaunchTemplateId = [...site.account.templates.values()].find((one) => one.name === 'web')!.id
    await autoScaling.updateAutoScalingGroup({
      AutoScalingGroupName: 'web',
      LaunchTemplate: { LaunchTemplateId, Version: '1' },
    })
    await autoScaling.startInstanceRefresh({
      AutoScalingGroupName: 'web',
      DesiredConfiguration: { LaunchTemplate: { LaunchTemplateId, Version: '2' } },
      Preferences: { MinHealthyPercentage: 100, MaxHealthyPercentage: 125, SkipMatching: true },
    })
    // The first is replaced by now.
    site.world.runUntil(site.world.now + 120_000)
    return startProcess(site, { listener, groups: GROUPS, store: newStore(site) }).web
  }

  test('is supervised to its end: AWS itself then lets the group launch what it replaced by', async () => {
    const site = await createSite()
    const web = await begun(site)
    const plan = await web.plan({ image: NEW, strategy: NATIVE })
    expect(plan.waypoints.map((one) => one.id)).toEqual(['replace', 'retire-stable'])
    const rollout = await web.start(plan)
    await drive(site, rollout)
    expect(rollout.state.outcome).toBe('promoted')
    expect(statuses(site)).toEqual(['Successful'])
    expect(site.account.groups.get('web')!.template.version).toBe('2')
    expect(leftovers(site)).toEqual([])
  })

  test('is cancelled and taken back when somebody says so', async () => {
    const site = await createSite()
    const web = await begun(site)
    const rollout = await web.start(await web.plan({ image: NEW, strategy: NATIVE }))
    await drive(site, rollout, 3)
    await rollout.rollback({ reason: 'it is slow' })
    await drive(site, rollout)
    expect(rollout.state.outcome).toBe('rolled-back')
    expect(statuses(site)).toEqual(['Cancelled'])
    expect(staying(site).map((one) => one.image)).toEqual([OLD, OLD, OLD, OLD])
    expect(leftovers(site)).toEqual([])
  })

  test('that changes the root volumes of what runs is refused', async () => {
    const site = await createSite()
    const { listener } = await setUpFleet(site)
    site.publish(NEW)
    await site.owner.autoScaling.startInstanceRefresh({ AutoScalingGroupName: 'web', Strategy: 'ReplaceRootVolume' })
    const { web } = startProcess(site, { listener, groups: GROUPS, store: newStore(site) })
    await expect(web.plan({ image: NEW, strategy: NATIVE })).rejects.toThrow(
      /which changes instances that run instead of replacing them/,
    )
  })

  test('in the middle of a rollout is cancelled when it replaces by something else', async () => {
    const site = await createSite()
    const { listener } = await setUpFleet(site, { size: 4, min: 1, max: 10 })
    site.publish(NEW)
    const { web } = startProcess(site, { listener, groups: GROUPS, store: newStore(site) })
    const rollout: Rollout = await web.start(await web.plan({ image: NEW, strategy: NATIVE }))
    const [{ id: LaunchTemplateId } = { id: '' }] = site.account.templates.values()
    await site.owner.autoScaling.startInstanceRefresh({
      AutoScalingGroupName: 'web',
      DesiredConfiguration: { LaunchTemplate: { LaunchTemplateId, Version: '1' } },
    })
    await drive(site, rollout)
    expect(rollout.state.outcome).toBe('promoted')
    expect(statuses(site)[0]).toBe('Cancelled')
  })
})

test.for([
  { of: 6, maxSurge: 1, maxUnavailable: 0, upTo: 1, is: [100, 116, 16] },
  { of: 6, maxSurge: 0, maxUnavailable: 1, upTo: undefined, is: [83, undefined, undefined] },
  { of: 600, maxSurge: 60, maxUnavailable: 0, upTo: 6, is: [100, 110, 1] },
  // A percent of 600 is six: one that may be missing is less than AWS can be told.
  { of: 600, maxSurge: 0, maxUnavailable: 1, upTo: undefined, is: [100, undefined, undefined] },
  { of: 1, maxSurge: 1, maxUnavailable: 0, upTo: 1, is: [100, 200, undefined] },
  { of: 3, maxSurge: 9, maxUnavailable: 3, upTo: undefined, is: [0, 100, undefined] },
  { of: 0, maxSurge: 1, maxUnavailable: 0, upTo: undefined, is: [100, 100, undefined] },
])('what may be missing and beyond of $of, $maxUnavailable and $maxSurge, in percent', ({ of, is, ...request }) => {
  const { upTo, ...budget } = request
  const preferences = preferencesFor({ release: 'r', soakMs: 0, ...budget, ...(upTo === undefined ? {} : { upTo }) }, of)
  const { MinHealthyPercentage: least, MaxHealthyPercentage: most, CheckpointPercentages: checkpoints } = preferences
  expect([least, most, checkpoints?.[0]]).toEqual(is)
})

test('AWS waits as soon as so many are new as it shall replace first, or those of one percent where that is more', () => {
  const missed: string[] = []
  for (let of = 2; of <= 300; of++)
    for (let upTo = 1; upTo < of; upTo++) {
      const { CheckpointPercentages } = preferencesFor({ release: 'r', soakMs: 0, maxSurge: 1, maxUnavailable: 0, upTo }, of)
      const [percent = 100] = CheckpointPercentages ?? []
      const replaced = Math.ceil((of * percent) / 100)
      // A percent of a large group is several: no fewer can be said.
      if (replaced < upTo || replaced - upTo >= Math.ceil(of / 100)) missed.push(`${upTo} of ${of}: ${replaced}`)
    }
  expect(missed).toEqual([])
})

testTheWire()
