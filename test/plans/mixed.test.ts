import { clone, inPlace, rolling } from 'imago'
import { describe, expect, test } from 'vitest'
import { createSite, type Site } from '../kit/index.ts'

const SIZE = 6

/** A group whose rolling replacement by img-2 was aborted after so many looks. */
async function abortedAfter(looks: number): Promise<Site> {
  const site = createSite({ fleets: [{ groups: [{ id: 'web', image: 'img-1', size: SIZE }] }] })
  const { fleet, imago } = site.process({ groups: inPlace('web') })
  const rollout = await site.settled(fleet.plan({ image: 'img-2', strategy: rolling() }).then((plan) => fleet.start(plan)))
  for (let look = 0; look < looks; look++) {
    await site.settled(rollout.tick())
    await site.pass(10_000)
  }
  await site.settled(rollout.abort())
  await site.settled(rollout.run())
  await site.settled(imago.close())
  return site
}

test('who had been chosen to leave when a rollout was aborted is named', async () => {
  const site = createSite({ size: SIZE, router: { weights: false } })
  const { fleet } = site.process({ groups: inPlace('web') })
  const rollout = await site.started(fleet, rolling())
  await site.until(rollout, (event) => event.type === 'drain.started')
  await site.settled(rollout.abort())
  expect((await site.settled(rollout.run())).next).toMatch(/; web-0001 had been chosen to leave/)
})

/** Instances by image. */
function running({ cloud }: Site): Record<string, number> {
  const count: Record<string, number> = {}
  for (const group of cloud.truth.groups.values())
    for (const { terminating, machine } of group.instances)
      if (!terminating) count[machine.image] = (count[machine.image] ?? 0) + 1
  return count
}

const MIXES = [8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]

describe.for(MIXES)('a group that runs two releases (aborted after %i looks)', (looks) => {
  test('is refused with what runs, and every one of them as a choice', async () => {
    const site = await abortedAfter(looks)
    const { fleet } = site.process({ groups: inPlace('web') })
    const { facts } = await site.refused(fleet.plan({ image: 'img-3', strategy: rolling() }), 'adoption-refused')
    expect(facts.found).toMatch(/2 releases.*img-1, img-2/)
    expect(facts.choices).toEqual([
      "say that it is stable: { stable: 'img-1' }",
      "say that it is stable: { stable: 'img-2' }",
      'finish what was begun on it',
    ])
  })
  test.for(['img-1', 'img-2'])('is replaced as a whole, whichever is said to be stable (%s)', async (stable) => {
    const site = await abortedAfter(looks)
    const before = running(site)
    const total = (before['img-1'] ?? 0) + (before['img-2'] ?? 0)
    expect(Object.keys(before)).toHaveLength(2)
    const { fleet } = site.process({ groups: inPlace('web', { stable }) })
    const plan = await site.settled(fleet.plan({ image: 'img-3', strategy: rolling() }))
    expect(plan.recorded.size).toBe(total)
    const report = await site.settled(fleet.start(plan).then((rollout) => rollout.run()))
    expect(report).toMatchObject({ outcome: 'promoted', next: 'web@img-3 serves alone' })
    expect(running(site)).toEqual({ 'img-3': total })
  })
  test('goes on to the release that was begun', async () => {
    const site = await abortedAfter(looks)
    const before = running(site)
    const { fleet } = site.process({ groups: inPlace('web', { stable: 'img-1' }) })
    const plan = await site.settled(fleet.plan({ image: 'img-2', strategy: rolling() }))
    expect(plan).toMatchObject({ stable: { size: before['img-1'] }, candidate: { size: before['img-2'] }, leftovers: [] })
    const report = await site.settled(fleet.start(plan).then((rollout) => rollout.run()))
    expect(report.outcome).toBe('promoted')
    expect(running(site)).toEqual({ 'img-2': plan.recorded.size })
  })
  test('grows as a whole when somebody asks for more meanwhile', async () => {
    const site = await abortedAfter(looks)
    const { fleet } = site.process({ groups: inPlace('web', { stable: 'img-1' }) })
    const plan = await site.settled(fleet.plan({ image: 'img-3', strategy: rolling() }))
    const rollout = await site.settled(fleet.start(plan))
    await site.settled(rollout.tick())
    const context = { signal: new AbortController().signal, token: 'ada' }
    const target = { name: 'web', placement: inPlace('web'), handles: [] }
    const more = { 'img-1': (plan.stable.size ?? 0) + 2 }
    await site.settled(site.cloud.provider.resize(target, 'web', more, undefined, context))
    expect((await site.settled(rollout.run())).outcome).toBe('promoted')
    expect(running(site)).toEqual({ 'img-3': plan.recorded.size + 2 })
  })
  test('rolls back to stable alone, at the size of both', async () => {
    const site = await abortedAfter(looks)
    const total = Object.values(running(site)).reduce((sum, count) => sum + count, 0)
    const { fleet } = site.process({ groups: inPlace('web', { stable: 'img-1' }) })
    const plan = await site.settled(fleet.plan({ image: 'img-sick', strategy: rolling() }))
    const report = await site.settled(fleet.start(plan).then((rollout) => rollout.run()))
    expect(report).toMatchObject({ outcome: 'rolled-back', next: 'web@img-1 serves alone, as before the rollout' })
    expect(running(site)).toEqual({ 'img-1': total })
  })
  test('keeps what ran beside when the rollout is aborted again, and says so', async () => {
    const site = await abortedAfter(looks)
    const { fleet } = site.process({ groups: inPlace('web', { stable: 'img-1' }) })
    const rollout = await site.settled(fleet.plan({ image: 'img-3', strategy: rolling() }).then((plan) => fleet.start(plan)))
    await site.settled(rollout.tick())
    await site.settled(rollout.abort())
    expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'aborted', leftovers: ['web@img-2'] })
  })
})

describe('what the fleet says is stable', () => {
  test.for(['img-1', 'img-7'])('is refused when the group does not run it, with what it runs (%s)', async (stable) => {
    const site = createSite({ fleets: [{ groups: [{ id: 'web', image: 'img-2', size: SIZE }] }] })
    const { fleet } = site.process({ groups: inPlace('web', { stable }) })
    const { facts } = await site.refused(fleet.plan({ image: 'img-3', strategy: rolling() }), 'adoption-refused')
    expect(facts.found).toBe(`web runs img-2, and not ${stable}, which is said to be stable`)
  })
  test('changes nothing where that alone runs', async () => {
    const site = createSite()
    const { fleet } = site.process({ groups: inPlace('web', { stable: 'img-1' }) })
    expect((await site.settled(fleet.plan({ image: 'img-2', strategy: rolling() }))).recorded.size).toBe(3)
  })
})

test('a group of two releases cannot be cloned: as a whole it is not one generation', async () => {
  const site = await abortedAfter(14)
  const { fleet } = site.process({ groups: clone({ adopt: 'web' }) })
  const { facts } = await site.refused(fleet.plan({ image: 'img-3', strategy: rolling() }), 'adoption-refused')
  expect(facts.choices).toEqual(["roll it in place first: inPlace('web', { stable: 'img-1' })", 'finish what was begun on it'])
})

test('promoted is not said while something else runs in the group', async () => {
  const site = createSite()
  const { fleet } = site.process({ groups: inPlace('web') })
  const rollout = await site.settled(fleet.plan({ image: 'img-2', strategy: rolling() }).then((plan) => fleet.start(plan)))
  const ended = rollout.run()
  rollout.on('waypoint.entered', async ({ waypoint }) => {
    if (waypoint !== 'retire-stable') return
    const { provider } = site.cloud
    const target = { name: 'web', placement: inPlace('web'), handles: [] }
    const context = { signal: new AbortController().signal, token: 'somebody else' }
    const { release, sealed } = await provider.resolve(
      target,
      { image: 'img-3', base: rollout.state.plan.stable.release },
      context,
    )
    await provider.ensureGroup(target, { group: 'web', release, sealed, like: 'web', size: 1, rolloutId: 'none' }, context)
  })
  expect(await site.settled(ended)).toMatchObject({ outcome: 'failed', reason: expect.stringMatching(/1 of img-3 in web/) })
})

test.for([
  ['runs', 'healthy', true],
  ['is starting', 'starting', true],
  ['is ill', 'unhealthy', true],
  ['is on its way out', 'terminating', false],
] as const)(
  'what runs is who is there, not only what a size stands for: one of another release that %s',
  async ([, state, counts]) => {
    const site = createSite()
    const { describe: look } = site.cloud.provider
    const { fleet } = site.process({
      groups: inPlace('web'),
      provider: {
        async describe(...given) {
          const seen = await look(...given)
          const other = { id: 'web-0009', release: 'img-0', state, launchedAt: 0 }
          return { ...seen, groups: seen.groups.map((group) => ({ ...group, instances: [...group.instances, other] })) }
        },
      },
    })
    const planned = fleet.plan({ image: 'img-2', strategy: rolling() })
    if (!counts) return expect((await site.settled(planned)).stable.release.id).toBe('img-1')
    expect((await site.refused(planned, 'adoption-refused')).facts.found).toMatch(/2 releases.*img-1, img-0/)
  },
)

test('what is known to be gone, and an old look shows once more, is nobody else’s', async () => {
  const site = createSite({ settleMs: 300_000 })
  const { describe: look } = site.cloud.provider
  let old = false
  const { fleet } = site.process({
    groups: inPlace('web'),
    provider: {
      async describe(...given) {
        const seen = await look(...given)
        const gone = { id: 'web-0003', release: 'img-1', state: 'healthy', launchedAt: 0 } as const
        const groups = seen.groups.map((group) => ({ ...group, instances: [...group.instances, gone] }))
        return old ? { ...seen, groups } : seen
      },
    },
  })
  const rollout = await site.started(fleet, rolling({ progressDeadline: '1d' }))
  await site.until(rollout, (event) => event.type === 'command.intended' && event.command.kind === 'release')
  old = true
  expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted' })
})
