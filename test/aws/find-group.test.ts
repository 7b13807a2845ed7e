import { blueGreen, clone, isRolloutError } from 'imago'
import { aws, findGroup, type GroupQuery } from 'imago/aws'
import { describe, expect, test } from 'vitest'
import { addSlot, NEW, previewRule, setUpFleet } from './fleet.ts'
import { drive, newStore, startProcess } from './rolling.ts'
import { createSite, testTheWire, type Site } from './site.ts'

/** A fleet with a tag of its owner's, and a group beside it that receives nothing. */
async function scene(balancer: 'app' | 'net' = 'app') {
  const site = await createSite()
  const { listener } = await setUpFleet(site, { balancer })
  const { autoScaling } = site.owner
  await tag(site, 'web', { team: 'web', stage: 'production' })
  const LaunchTemplateId = [...site.account.templates.keys()][0]!
  const beside = { AutoScalingGroupName: 'jobs', MinSize: 0, MaxSize: 1, LaunchTemplate: { LaunchTemplateId, Version: '1' } }
  await autoScaling.createAutoScalingGroup(beside)
  await tag(site, 'jobs', { team: 'jobs', stage: 'production' })
  const targetGroup = [...site.account.targetGroups.keys()][0]!
  return { site, listener, targetGroup, cloud: aws(site.access) }
}

async function tag({ owner: { autoScaling } }: Site, group: string, tags: Record<string, string>): Promise<void> {
  const about = { ResourceId: group, ResourceType: 'auto-scaling-group', PropagateAtLaunch: true }
  await autoScaling.createOrUpdateTags({ Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value, ...about })) })
}

describe('a group is found', () => {
  test('by its tags', async () => {
    const { cloud } = await scene()
    expect(await findGroup(cloud, { tags: { team: 'web' } })).toBe('web')
    expect(await findGroup(cloud, { tags: { team: 'jobs', stage: 'production' } })).toBe('jobs')
  })

  test.for(['app', 'net'] as const)('by its target group, and by the listener that forwards to it: %s', async (balancer) => {
    const { cloud, listener, targetGroup } = await scene(balancer)
    expect(await findGroup(cloud, { targetGroup })).toBe('web')
    expect(await findGroup(cloud, { rule: listener })).toBe('web')
  })

  test('by a rule, and of two target groups the one that receives something counts', async () => {
    const { site, cloud, listener } = await scene()
    await addSlot(site)
    expect(await findGroup(cloud, { rule: await previewRule(site, listener) })).toBe('web')
    expect(await findGroup(cloud, { rule: listener })).toBe('web')
  })

  test('and is rolled from then on by its marks: what told it tells its clone, or both while they are two', async () => {
    const { site, cloud, listener } = await scene()
    const query = { tags: { team: 'web' } }
    const roll = async (image: string) => {
      const groups = clone({ adopt: await findGroup(cloud, query) })
      const { web, imago } = startProcess(site, { listener, groups, store })
      const rollout = await web.start(await web.plan({ image, strategy: blueGreen({ bake: '2m' }) }))
      await drive(site, rollout, 8)
      expect([...site.account.groups.keys()].filter((name) => name.startsWith('web'))).toHaveLength(2)
      expect(await findGroup(cloud, query)).toMatch(/^web/)
      await drive(site, rollout)
      expect(rollout.state.outcome).toBe('promoted')
      await imago.close()
    }
    const store = newStore(site)
    await roll(NEW)
    expect(await findGroup(cloud, query)).toBe('web-v001')
    site.publish('ami-0000000000000000c')
    await roll('ami-0000000000000000c')
    expect(await findGroup(cloud, query)).toBe('web-v002')
  })
})

describe('a group is not found', () => {
  test('where there is none', async () => {
    const { cloud } = await scene()
    const refused = await findGroup(cloud, { tags: { team: 'nobody' } }).catch((error: unknown) => error)
    expect(isRolloutError(refused, 'call-failed') && refused.facts.class).toBe('not-found')
    expect(String(refused)).toContain('In eu-west-1 there is no Auto Scaling group with {"tags":{"team":"nobody"}}')
  })

  test('where there are several, which are named', async () => {
    const { cloud } = await scene()
    await expect(findGroup(cloud, { tags: { stage: 'production' } })).rejects.toThrow(
      /by which there are jobs, web; allowed: what one group has alone/,
    )
  })

  test.for([
    [{ tags: {} }],
    [{ tags: { team: 1 } }],
    [{ targetGroup: 'web' }],
    [{ rule: 'arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/web/1' }],
    [{ name: 'web' }],
    [undefined],
  ])('by what tells nothing: %j', async ([query]) => {
    const { cloud, site } = await scene()
    site.account.calls.clear()
    const refused = await findGroup(cloud, query as GroupQuery).catch((error: unknown) => error)
    expect(isRolloutError(refused, 'spec-invalid')).toBe(true)
    expect(site.account.calls.size).toBe(0)
  })
})

testTheWire()
