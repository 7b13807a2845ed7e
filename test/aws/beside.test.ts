import { blueGreen, canary } from 'imago'
import { describe, expect, test, type TestContext } from 'vitest'
import { noTerraform } from '../witnesses/terraform.ts'
import { byImago } from './beside/by-imago.ts'
import { byTerraform, type Applied } from './beside/by-terraform.ts'
import { measure } from './beside/measure.ts'
import { NEW, OLD, setUpFleet } from './fleet.ts'
import { createSite, testTheWire } from './site.ts'

// One change, another image for six instances behind a listener, by imago and by `terraform apply`, on the same server; bench/terraform.ts has the figures.

const SIZE = 6
const SPEED = 20
const strategies = { 'blue/green': blueGreen({ bake: '1m' }), canary: canary({ weights: [5, 25, 50], bake: '1m' }) }

test.for(Object.keys(strategies) as (keyof typeof strategies)[])(
  'imago sees it through by %s with all capacity',
  async (name) => {
    const { outcome, lowest, left } = await byImago(SIZE, strategies[name], { kind: 'good' })
    expect({ outcome, lowest }).toEqual({ outcome: 'promoted', lowest: 1 })
    expect(left).toEqual([`web-v001: ${SIZE} of ${NEW}`])
  },
)

test.for(Object.keys(strategies) as (keyof typeof strategies)[])(
  'imago takes a broken image back by %s, and all is as it was',
  async (name) => {
    const { outcome, lowest, left } = await byImago(SIZE, strategies[name], { kind: 'never-healthy' })
    expect({ outcome, lowest }).toEqual({ outcome: 'rolled-back', lowest: 1 })
    expect(left).toEqual([`web: ${SIZE} of ${OLD}`])
  },
)

describe.concurrent('terraform', { timeout: 600_000 }, () => {
  test('sees it through with all capacity, when it waits for the load balancer', async (context) => {
    if (noTerraform !== undefined) return context.skip(noTerraform)
    const { lowest, left, outcome, state, said } = await applied(context, { behaviour: { kind: 'good' } })
    expect(outcome, said).toBe('applied')
    expect(lowest).toBe(1)
    expect(left).toEqual([`web-2: ${SIZE} of ${NEW}`])
    expect(state).toContainEqual({ resource: 'aws_autoscaling_group.web', id: 'web-2', status: 'as applied' })
  })

  test('takes the old group away before the new one is healthy, when it does not wait for the load balancer', async (context) => {
    if (noTerraform !== undefined) return context.skip(noTerraform)
    const slow = { behaviour: { kind: 'good' }, awaitsBalancer: false, bootMs: 600_000 } as const
    const { lowest, left, outcome, said } = await applied(context, slow)
    expect(outcome, said).toBe('applied')
    expect(lowest).toBe(0)
    expect(left).toEqual([`web-2: ${SIZE} of ${NEW}`])
  })

  test('gives a broken image up and leaves both groups: the new one tainted, the old one deposed', async (context) => {
    if (noTerraform !== undefined) return context.skip(noTerraform)
    const { lowest, left, outcome, state } = await applied(context, { behaviour: { kind: 'never-healthy' } })
    expect(outcome).toContain('timeout while waiting')
    expect(lowest).toBe(1)
    expect(left).toEqual([`web-1: ${SIZE} of ${OLD}`, expect.stringContaining('web-2: ')])
    expect(state).toEqual(
      expect.arrayContaining([
        { resource: 'aws_autoscaling_group.web', id: 'web-1', status: 'deposed' },
        { resource: 'aws_autoscaling_group.web', id: 'web-2', status: 'tainted' },
      ]),
    )
  })
})

test('what is taken away meanwhile is measured, and what comes back too late does not make up for it', async () => {
  const site = await createSite()
  await setUpFleet(site, { size: SIZE })
  const { autoScaling } = site.owner
  const measured = await measure(site, SIZE, async () => {
    const resize = (DesiredCapacity: number) => autoScaling.setDesiredCapacity({ AutoScalingGroupName: 'web', DesiredCapacity })
    await resize(3)
    site.world.runUntil(site.world.now + 600_000)
    await resize(SIZE + 2)
    site.world.runUntil(site.world.now + 60_000)
    return 'resized'
  })
  expect(measured).toMatchObject({
    calls: { 'autoScaling.SetDesiredCapacity': 2 },
    tookMs: 660_000,
    lowest: 0.5,
    most: SIZE + 2,
    launched: 5,
    outcome: 'resized',
    left: [`web: ${SIZE + 2} of ${OLD}`],
  })
})

/** What terraform was answered is read once more by the owner's clients, which hold it to AWS's own description. */
async function applied({ onTestFinished }: TestContext, what: Pick<Applied, 'behaviour'> & Partial<Applied>) {
  const done = await byTerraform({ size: SIZE, speed: SPEED, awaitsBalancer: true, ...what })
  const { owner, account, close } = done.site
  onTestFinished(close)
  const [LaunchTemplateId = ''] = account.templates.keys()
  await owner.ec2.describeLaunchTemplates({ LaunchTemplateIds: [LaunchTemplateId] })
  await owner.ec2.describeLaunchTemplateVersions({ LaunchTemplateId, Versions: ['2'] })
  for (const AutoScalingGroupName of account.groups.keys()) {
    await owner.autoScaling.describeAutoScalingGroups({ AutoScalingGroupNames: [AutoScalingGroupName] })
    await owner.autoScaling.describeScalingActivities({ AutoScalingGroupName })
  }
  for (const TargetGroupArn of account.targetGroups.keys()) await owner.elb.describeTargetHealth({ TargetGroupArn })
  return done
}

testTheWire()
