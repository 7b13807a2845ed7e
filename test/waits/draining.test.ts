import { blueGreen, canary, inPlace, rolling, type Duration } from 'imago'
import { expect, test } from 'vitest'
import { createSite, ofType, type Site } from '../kit/index.ts'

const IN_PLACE = inPlace('web')

/** Workers without a router whose hook says yes once `ready()` does. */
async function workers(site: Site, drain: object, ready: (key: string) => boolean, progressDeadline: Duration = '1m') {
  const asked: { at: number; key: string }[] = []
  const idle = ({ key }: { key: string }) => {
    asked.push({ at: site.world.now, key })
    return ready(key)
  }
  const { fleet } = site.process({
    checks: { idle },
    groups: IN_PLACE,
    spec: { drain: { hook: { check: 'idle' }, ...drain } },
  })
  return { rollout: await site.started(fleet, rolling({ progressDeadline })), asked, fleet }
}

test('a worker may drain for as long as its fleet allows, whatever the progress deadline', async () => {
  const site = createSite({ router: false })
  const since = new Map<string, number>()
  const slow = (key: string) => site.world.now - (since.get(key) ?? since.set(key, site.world.now).get(key)!) > 180_000
  const { rollout } = await workers(site, { deadline: '10m' }, slow)
  expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted' })
  expect(ofType(await site.events(rollout), 'instance.drained').map((event) => event.clean)).toEqual([true, true, true])
})

test('the time that a death cut short does not come back as time without progress', async () => {
  const site = createSite({ router: false })
  const { rollout } = await workers(site, { deadline: '1h' }, () => false)
  await site.until(rollout, (event) => event.type === 'instance.leaving')
  await site.turns(rollout, 30)
  site.world.machines.end('web-0001', 'a spot instance was taken')
  await site.turns(rollout, 4)
  expect(ofType(await site.events(rollout), 'instance.lost')).toMatchObject([{ instance: 'web-0001' }])
  expect(rollout.state.aim).toBe('forward')
})

test('an instance may soak for longer than the progress deadline', async () => {
  const site = createSite()
  const { fleet } = site.process({ groups: IN_PLACE })
  const rollout = await site.started(fleet, rolling({ soak: '2m' }))
  expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted' })
})

test('the route of a candidate that somebody deleted may wait for longer than the progress deadline until its weights are true', async () => {
  const site = createSite({ router: { propagationMs: 1_200_000 } })
  const strategy = canary({ weights: [34], bake: '1h', progressDeadline: '1m' })
  const rollout = await site.started(site.process().fleet, strategy)
  await site.until(rollout, (event) => event.type === 'traffic.shifted')
  site.cloud.people.deleteGroup('web-v001')
  expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'rolled-back' })
  expect([...site.cloud.truth.fleets.values()].flatMap(({ routes }) => [...routes.keys()])).toEqual(['web'])
})

test('a router may drain a whole generation for longer than the progress deadline, long after the traffic was shifted', async () => {
  const site = createSite({ router: { weights: true, drainMs: [120_000, 120_000] } })
  const rollout = await site.started(site.process().fleet, blueGreen({ bake: '10m' }))
  expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted' })
  expect(ofType(await site.events(rollout), 'instance.drained').map((event) => event.clean)).toEqual([true, true, true])
})

test.for([
  ['remove', [false, false, false]],
  ['wait', [true, true, true]],
  ['pause', [true, true, true]],
] as const)('after its deadline a hook is asked once more before %s, and then on', async ([onTimeout, clean]) => {
  const site = createSite({ router: false })
  let ready = false
  const { rollout, asked } = await workers(site, { every: '1m', deadline: '2m', onTimeout }, () => ready, '30m')
  await site.turns(rollout, 60)
  const first = asked.filter((one) => one.key === asked[0]?.key).map((one) => one.at - (asked[0]?.at ?? 0))
  expect(first.slice(0, 3)).toEqual([0, 60_000, 120_000])
  expect(first.length > 3).toBe(onTimeout !== 'remove')
  expect(rollout.state.paused !== undefined).toBe(onTimeout === 'pause')
  ready = true
  if (onTimeout === 'pause') {
    await site.turns(rollout, 7)
    await site.settled(rollout.resume())
  }
  expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted' })
  const events = await site.events(rollout)
  expect(ofType(events, 'instance.drained').map((event) => event.clean)).toEqual(clean)
  expect(ofType(events, 'rollout.paused')).toHaveLength(onTimeout === 'pause' ? 1 : 0)
})

test('a person who resumes an undrained one gives it its time again', async () => {
  const site = createSite({ router: false })
  const { rollout } = await workers(site, { deadline: '2m', onTimeout: 'pause' }, () => false, '30m')
  await site.until(rollout, (event) => event.type === 'rollout.paused')
  await site.settled(rollout.resume())
  await site.turns(rollout, 10)
  expect(rollout.state.paused).toBeUndefined()
  await site.turns(rollout, 5)
  expect(rollout.state.paused).toMatchObject({ by: 'imago' })
})

test('what the hook said, and why it could not be asked, is in the journal', async () => {
  const site = createSite({ router: false })
  let broken = false
  const { rollout } = await workers(site, { every: '1m', deadline: '1h' }, () => {
    if (broken) throw new Error('the queue is away')
    return false
  })
  await site.until(rollout, (event) => event.type === 'drain.asked')
  broken = true
  const told = await site.until(rollout, (event) => event.type === 'drain.asked' && event.why !== undefined)
  expect(told).toMatchObject({ instances: ['web-0001'], why: expect.stringContaining('the queue is away') })
})

test.for(['unknown', 'unhealthy'] as const)('one that a look calls %s is asked all the same', async (state) => {
  const site = createSite({ router: false })
  let ill = false
  const { describe } = site.cloud.provider
  const { fleet } = site.process({
    provider: {
      async describe(target, context) {
        const look = await describe(target, context)
        const seen = (one: (typeof look.groups)[number]['instances'][number]) =>
          ill && one.release === 'img-1' ? { ...one, state } : one
        return { ...look, groups: look.groups.map((group) => ({ ...group, instances: group.instances.map(seen) })) }
      },
    },
    checks: { idle: () => false },
    groups: IN_PLACE,
    spec: { drain: { hook: { check: 'idle' }, deadline: '1h', onTimeout: 'wait' } },
  })
  const rollout = await site.started(fleet, rolling())
  await site.until(rollout, (event) => event.type === 'drain.asked')
  ill = true
  await site.turns(rollout, 2)
  ill = false
  await site.turns(rollout, 2)
  const events = await site.events(rollout)
  expect(ofType(events, 'instance.drained')).toEqual([])
  expect(ofType(events, 'command.intended').filter((event) => event.command.kind === 'remove')).toEqual([])
})

test('the first instance soaks once', async () => {
  const site = createSite()
  const { fleet } = site.process({ groups: IN_PLACE })
  const rollout = await site.started(fleet, rolling({ soak: '5m' }))
  const entered = await site.until(rollout, (event) => event.type === 'waypoint.entered')
  const reached = await site.until(rollout, (event) => event.type === 'waypoint.reached')
  expect(reached.at - entered.at).toBeGreaterThanOrEqual(300_000)
  expect(reached.at - entered.at).toBeLessThan(420_000)
})

test('what an earlier rollout left is asked too, also when a rollout ends early', async () => {
  const site = createSite({ router: { weights: true } })
  const asked = new Set<string>()
  const process = () =>
    site.process({
      checks: { idle: ({ key }) => asked.add(key).size > 0 },
      spec: { drain: { hook: { check: 'idle' }, deadline: '10m' } },
    }).fleet
  const first = await site.started(process(), blueGreen({ bake: '1h' }))
  await site.until(first, (event) => event.type === 'traffic.shifted')
  await site.settled(first.abort())
  await site.settled(first.run())
  const second = await site.started(process(), blueGreen({ bake: '30s' }), 'img-3')
  await site.settled(second.abort())
  expect(await site.settled(second.run())).toMatchObject({ outcome: 'aborted', leftovers: [] })
  expect([...asked].map((key) => key.split('/').at(-1))).toEqual(['web-v001-0004', 'web-v001-0005', 'web-v001-0006'])
})

test.for([
  ['has not started has nothing to finish, and is not asked', 'starting', 0],
  ['looks ill and has no address is asked', 'unhealthy', 1],
  ['has no address is asked', 'healthy', 1],
] as const)('one that %s', async ([, state, times]) => {
  const site = createSite({ router: false })
  const asked = new Set<string>()
  const { describe } = site.cloud.provider
  const { fleet } = site.process({
    groups: IN_PLACE,
    checks: { idle: ({ key }) => asked.add(key).size > 0 },
    spec: { drain: { hook: { check: 'idle' } } },
    provider: {
      async describe(...given) {
        const look = await describe(...given)
        const seen = (one: (typeof look.groups)[number]['instances'][number]) => {
          const { address: _, ...unreachable } = one
          return one.release === 'img-2' ? { ...unreachable, state } : one
        }
        return { ...look, groups: look.groups.map((group) => ({ ...group, instances: group.instances.map(seen) })) }
      },
    },
  })
  const rollout = await site.started(fleet, rolling())
  await site.until(rollout, (event) => event.type === 'generation.created')
  await site.settled(rollout.rollback())
  expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'rolled-back' })
  expect(asked.size).toBe(times)
})
