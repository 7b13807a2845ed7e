import { blueGreen, canary, slots } from 'imago'
import { describe, expect, test } from 'vitest'
import { addSlot, NEW, OLD, setUpFleet } from './fleet.ts'
import { drive, newStore, roll, startProcess } from './rolling.ts'
import { createSite, type Site } from './site.ts'

const GROUPS = slots('web', 'web-b')
/** All that a rollout may do to what infrastructure code owns. */
const ALLOWED = new Set([
  'autoScaling.UpdateAutoScalingGroup',
  'autoScaling.CreateOrUpdateTags',
  'autoScaling.DeleteTags',
  'autoScaling.SuspendProcesses',
  'autoScaling.ResumeProcesses',
  'autoScaling.SetInstanceProtection',
  'elb.ModifyListener',
  'elb.DeregisterTargets',
  'ec2.CreateLaunchTemplate',
  'ec2.CreateLaunchTemplateVersion',
  'ec2.DeleteLaunchTemplate',
])

/** What the owner of two slots finds. */
function slotsOf({ account }: Site) {
  return [...account.groups.values()].map(({ name, min, max, desired, suspended, targetGroups, tags }) => ({
    name,
    sizes: [min, desired, max],
    suspended: [...suspended],
    joined: targetGroups.size,
    marks: [...tags.keys()].filter((key) => key.startsWith('imago:')),
  }))
}

function changes({ account }: Site): string[] {
  const reads = /\.(Describe|Get|List|RunInstances)/
  return [...account.calls.keys()].filter((name) => !reads.test(name) && !ALLOWED.has(name))
}

describe.for([
  ['blue/green', blueGreen({ bake: '2m' })],
  ['canary', canary({ weights: [34, 67], bake: '2m' })],
] as const)('%s from one slot to the other', ([, strategy]) => {
  test('leaves both as their owner made them, but for what they launch, their sizes and weights', async () => {
    const site = await createSite()
    const { rollout, images } = await roll(site, { strategy, groups: GROUPS, before: addSlot })
    expect(rollout.state.outcome).toBe('promoted')
    expect(images()).toEqual([NEW, NEW, NEW])
    expect(changes(site)).toEqual([])
    expect(slotsOf(site)).toEqual([
      { name: 'web', sizes: [0, 0, 10], suspended: [], joined: 1, marks: ['imago:fleet'] },
      { name: 'web-b', sizes: [1, 3, 10], suspended: [], joined: 1, marks: ['imago:fleet', 'imago:rollout'] },
    ])
  })

  test('back from an image that never answers', async () => {
    const site = await createSite()
    const behaviour = { kind: 'never-healthy' } as const
    const { rollout, images } = await roll(site, { strategy, groups: GROUPS, behaviour, before: addSlot })
    expect(rollout.state.outcome).toBe('rolled-back')
    expect(images()).toEqual([OLD, OLD, OLD])
    expect(changes(site)).toEqual([])
    expect(slotsOf(site)).toEqual([
      { name: 'web', sizes: [1, 3, 10], suspended: [], joined: 1, marks: ['imago:fleet'] },
      { name: 'web-b', sizes: [0, 0, 10], suspended: [], joined: 1, marks: ['imago:fleet'] },
    ])
  })
})

test('behind a network load balancer both slots share its target group, by count', async () => {
  const site = await createSite()
  const { rollout, images } = await roll(site, {
    strategy: canary({ weights: [34, 67], bake: '30s' }),
    groups: GROUPS,
    balancer: 'net',
    before: (made) => addSlot(made, 'net'),
  })
  expect(rollout.state.outcome).toBe('promoted')
  expect(images()).toEqual([NEW, NEW, NEW])
  expect(changes(site)).toEqual([])
})

test('and back again, by whoever names them the other way round', async () => {
  const site = await createSite()
  const { listener } = await setUpFleet(site)
  await addSlot(site)
  site.publish('ami-0000000000000000c')
  const store = newStore(site)
  for (const [groups, image] of [
    [GROUPS, NEW],
    [slots('web-b', 'web'), 'ami-0000000000000000c'],
  ] as const) {
    const { imago, web } = startProcess(site, { listener, groups, store })
    const rollout = await web.start(await web.plan({ image, strategy: blueGreen({ bake: '30s' }) }))
    await drive(site, rollout)
    expect(rollout.state.outcome).toBe('promoted')
    await imago.close()
  }
  expect(slotsOf(site).map(({ name, sizes }) => [name, ...sizes])).toEqual([
    ['web', 1, 3, 10],
    ['web-b', 0, 0, 10],
  ])
})

test('a slot that is not there is named before anything is touched', async () => {
  const site = await createSite()
  const refused = roll(site, { strategy: blueGreen(), groups: GROUPS })
  await expect(refused).rejects.toThrow('in eu-west-1 there is no Auto Scaling group web-b')
})
