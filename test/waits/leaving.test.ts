import { blueGreen, canary, rolling, type InstanceView, type RolloutEvent } from 'imago'
import { describe, expect, test } from 'vitest'
import { callFailed } from '../../src/core/errors.ts'
import { createSite, ofType, type Process, type ProcessSetUp, type Site } from '../kit/index.ts'

type Router = NonNullable<Site['cloud']['router']>

/** A process whose router lets nobody go for two minutes after it was first asked to. */
function reluctant(site: Site, spec: ProcessSetUp['spec'] = {}, checks: ProcessSetUp['checks'] = {}): Process {
  const router = site.cloud.router as Router
  let askedAt: number | undefined
  return site.process({
    checks,
    spec,
    router: {
      async leave(...given) {
        askedAt ??= site.world.now
        if (site.world.now - askedAt < 120_000) throw callFailed('conflict', 'leave', 'Somebody else writes it.')
        return await router.leave(...given)
      },
    },
  })
}

/** Says yes to each instance this long after it was first asked. */
function idleAfter(site: Site, ms: number) {
  const since = new Map<string, number>()
  return ({ key }: { key: string }) => {
    if (!since.has(key)) since.set(key, site.world.now)
    return site.world.now - (since.get(key) ?? 0) >= ms
  }
}

/** To leave has the ordinary deadline of progress. */
const PATIENTLY = { progressDeadline: '10m' } as const
const SLOWLY = { drainMs: [25_000, 25_000] } as const

describe('an instance has all of its time to drain from when it has left its route', () => {
  test('by a router that lets go late', async () => {
    const site = createSite({ router: { weights: false, ...SLOWLY } })
    const { fleet } = reluctant(site)
    const rollout = await site.started(fleet, rolling(PATIENTLY))
    expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted' })
    const events = await site.events(rollout)
    expect(ofType(events, 'instance.drained').map((event) => event.clean)).toEqual([true, true, true])
    expect(site.cloud.truth.severed.filter(({ cause }) => cause.kind === 'call')).toEqual([])
  })

  test.for([
    ['one by one', rolling(PATIENTLY), { weights: false }],
    ['as a generation', blueGreen({ bake: '1m', ...PATIENTLY }), { weights: true }],
  ] as const)('before its hook is given up, %s', async ([, strategy, router]) => {
    const site = createSite({ router })
    const drain = { hook: { check: 'idle' }, every: '10s', deadline: '1m' } as const
    const { fleet } = reluctant(site, { drain }, { idle: idleAfter(site, 70_000) })
    const rollout = await site.started(fleet, strategy)
    expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted' })
    expect(ofType(await site.events(rollout), 'instance.drained').map((event) => event.clean)).toEqual([true, true, true])
  })

  test('and no more: what is shown and journaled agrees with the plan', async () => {
    const site = createSite({ router: { weights: false } })
    const drain = { hook: { check: 'idle' }, every: '10s', deadline: '1m' } as const
    const { fleet } = reluctant(site, { drain }, { idle: () => false })
    const rollout = await site.started(fleet, rolling(PATIENTLY))
    await site.until(rollout, (event) => event.type === 'instance.leaving')
    expect((await site.settled(rollout.tick())).waitingFor).toContainEqual({ what: 'web-0001 to leave its route' })
    const began = await site.until(rollout, (event) => event.type === 'drain.started')
    const { waitingFor } = await site.settled(rollout.tick())
    const { drain: policy, restsOn } = rollout.state.plan
    const timeMs = policy.deadlineMs + (restsOn.router?.drainDeadlineMs ?? 0)
    expect(waitingFor).toContainEqual({ what: 'web-0001 to drain', untilAt: began.at + timeMs, then: 'remove it' })
    const drained = await site.until(rollout, (event) => event.type === 'instance.drained')
    expect(drained).toMatchObject({ instance: 'web-0001', clean: false })
    expect(drained.at - began.at).toBeGreaterThanOrEqual(timeMs)
    expect(drained.at - began.at).toBeLessThan(timeMs + 30_000)
  })
})

test('an instance whose state the router cannot tell is asked to leave, and not given up while requests may reach it', async () => {
  const site = createSite({ router: { weights: false, ...SLOWLY } })
  const router = site.cloud.router as Router
  let hazy = false
  const left: string[] = []
  const { fleet } = site.process({
    router: {
      async look(target, context) {
        const look = await router.look(target, context)
        const { 'web-0001': first, ...others } = look.routing.instances
        if (!hazy || first?.state !== 'in') return look
        const instances = { ...others, 'web-0001': { state: 'unknown', reason: 'no answer' } as const }
        return { ...look, routing: { ...look.routing, instances } }
      },
      async leave(target, binding, group, instances, context) {
        if (!hazy) {
          hazy = true
          throw callFailed('conflict', 'leave', 'Somebody else writes it.')
        }
        if (instances !== 'all') left.push(...instances)
        return await router.leave(target, binding, group, instances, context)
      },
    },
  })
  const rollout = await site.started(fleet, rolling(PATIENTLY))
  expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted' })
  expect(left).toContain('web-0001')
  expect(ofType(await site.events(rollout), 'instance.drained').map((event) => event.clean)).toEqual([true, true, true])
  expect(site.cloud.truth.severed.filter(({ cause }) => cause.kind === 'call')).toEqual([])
})

test('an instance that its group still shows as starting while its router sends it requests stays while too few serve', async () => {
  const site = createSite({ size: 4, router: { weights: false } })
  const { provider } = site.cloud
  const starting = (one: InstanceView): InstanceView => (one.id === 'web-0003' ? { ...one, state: 'starting' } : one)
  const { fleet } = site.process({
    provider: {
      async describe(...given) {
        const look = await provider.describe(...given)
        return { ...look, groups: look.groups.map((group) => ({ ...group, instances: group.instances.map(starting) })) }
      },
    },
  })
  const rollout = await site.started(fleet, canary({ weights: [50], bake: '1m', ...PATIENTLY }))
  const { seq } = await site.until(rollout, (event) => event.type === 'instance.leaving')
  const came = ofType(await site.events(rollout), 'instance.healthy').filter((event) => event.seq < seq)
  expect(came.filter((event) => event.generation === 'web-v001')).not.toEqual([])
})

test('an instance that comes back to its route while too few serve drains anew when it is out of it again', async () => {
  const site = createSite({ router: { weights: false, propagationMs: 40_000, ...SLOWLY } })
  const { fleet } = site.process()
  const rollout = await site.started(fleet, rolling({ maxSurge: 1, progressDeadline: '20m' }))
  const { flap } = flapping(site)
  await site.until(rollout, (event) => event.type === 'gate.holding')
  // Whoever is ill goes first, and then the only one of the candidate is ill too.
  flap('web-0002', 40_000)
  await site.until(rollout, (event) => event.type === 'drain.started')
  flap('web-v001-0004', 600_000)
  await site.turns(rollout, 5)
  expect(ofType(await site.events(rollout), 'instance.leaving').map((event) => event.instance)).toEqual(['web-0002', 'web-0002'])
  flap('web-0002', 200_000)
  const isIt = (event: RolloutEvent) => 'instance' in event && event.instance === 'web-0002'
  const drained = await site.until(rollout, (event) => event.type === 'instance.drained' && isIt(event))
  const again = ofType(await site.events(rollout), 'drain.started').findLast((event) => event.instances.includes('web-0002'))
  expect(drained.at - (again?.at ?? 0)).toBeGreaterThanOrEqual(40_000)
  await site.turns(rollout, 10)
  expect(site.cloud.truth.severed.filter(({ cause }) => cause.kind === 'call')).toEqual([])
})

/** Lets an instance fall ill for a while. */
function flapping({ world }: Site) {
  return { flap: (id: string, forMs: number) => world.because({ kind: 'fault', name: id }, () => world.machines.flap(id, forMs)) }
}
