import { describe, expect, it } from 'vitest'
import { faulty } from './cloud-kit.ts'

describe('faults of calls', () => {
  it.for([
    [1, 'throttled'],
    [2, 'transient'],
  ] as const)('%i: a change is refused, and never lands', async ([fault, failure]) => {
    const { begin, resize, fate, pass, size, times } = faulty(fault)
    begin()
    const fates = new Set<string>()
    for (let index = 0; index < 20; index++) fates.add(await fate(resize(5)))
    pass(600_000)
    expect(fates.has(failure)).toBe(true)
    expect(size()).toBe(3)
    expect(times()).toBe(20)
  })

  it('1 and 7: a look fails', async () => {
    for (const [fault, failure] of [
      [1, 'throttled'],
      [7, 'transient'],
    ] as const) {
      const { begin, cloud, target, context, fate, times } = faulty(fault)
      begin()
      expect(await fate(cloud.provider.describe(target, context()))).toBe(failure)
      expect(await fate(cloud.router!.look(target, context()))).toBe(failure)
      expect(times()).toBe(2)
    }
  })

  it('3: the answer is lost, and the change is soon there', async () => {
    const { begin, resize, fate, pass, size } = faulty(3, { settleMs: 4_000 })
    begin()
    expect(await fate(resize(5))).toBe('unknown')
    pass(2_000)
    expect(size()).toBe(5)
  })

  it('4: what was lost lands late or twice, never after the horizon', async () => {
    const { begin, cloud, target, context, fate, pass, times } = faulty(4, { lateCallHorizonMs: 90_000 })
    begin()
    for (let index = 0; index < 30; index++) {
      const hold = { kind: 'claim', owner: 'r1', epoch: 1, expiresAt: index, store: 's1' } as const
      expect(await fate(cloud.provider.hold(target, 'web', hold, undefined, context(`t${index}`)))).toBe('unknown')
    }
    pass(1_000_000)
    const { log } = cloud.calls
    expect(log.some((call) => call.landedAt.length === 2)).toBe(true)
    expect(log.every((call) => call.landedAt.length > 0)).toBe(true)
    const delays = log.flatMap((call) => call.landedAt.map((at) => at - call.at))
    expect(Math.max(...delays)).toBeLessThanOrEqual(90_000)
    expect(Math.max(...delays)).toBeGreaterThan(30_000)
    expect(times()).toBe(30)
  })

  it('4: a late conditional write finds its version gone, an unconditional one undoes what came after', async () => {
    for (const [conditional, size] of [
      [true, 4],
      [false, 5],
    ] as const) {
      const made = faulty(4, { conditional })
      const { begin, cloud, target, context, fate, pass } = made
      begin()
      const version = String(cloud.truth.groups.get('web')?.version)
      expect(await fate(cloud.provider.resize(target, 'web', { 'img-1': 5 }, version, context()))).toBe('unknown')
      cloud.people.resize('web', 4)
      pass(120_000)
      expect(made.size()).toBe(size)
    }
  })

  it('11: a group is created in part, and complete when it is asked for again', async () => {
    const { begin, cloud, target, context, release, fate, group } = faulty(11)
    const request = { group: 'web-v001', release: await release('img-2'), sealed: null, like: 'web', size: 4, rolloutId: 'r1' }
    await fate(cloud.router!.prepare(target, 'web-v001', context()))
    begin()
    const ensure = () => fate(cloud.provider.ensureGroup(target, { ...request, binding: 'web-v001' }, context()))
    expect(await ensure()).toBe('unknown')
    expect(await group('web-v001')).toMatchObject({ sizes: { 'img-2': 2 } })
    expect(cloud.truth.fleets.get('sim/web')?.routes.get('web-v001')?.groups.size).toBe(0)
    expect(await ensure()).toBe('accepted')
    expect(await group('web-v001')).toMatchObject({ sizes: { 'img-2': 4 } })
  })

  it('34: weights are accepted and stay as they were', async () => {
    const { begin, cloud, target, context, fate, weights, createCandidate } = faulty(34)
    await createCandidate()
    begin()
    const wanted = { web: 50, 'web-v001': 50 }
    expect(await fate(cloud.router!.setWeights(target, await weights(), wanted, context()))).toBe('accepted')
    expect(await weights()).toEqual({ web: 100, 'web-v001': 0 })
  })

  it('39: nothing can be deleted until the faults are over', async () => {
    const { begin, cloud, target, context, fate, createCandidate } = faulty(39)
    await createCandidate()
    begin()
    expect(await fate(cloud.provider.retire(target, 'web-v001', context()))).toBe('conflict')
    cloud.faults.stop()
    expect(await fate(cloud.provider.retire(target, 'web-v001', context()))).toBe('accepted')
    expect(cloud.truth.groups.has('web-v001')).toBe(false)
  })

  it('40: a change is taken and undone a while later', async () => {
    const { begin, resize, fate, pass, size, times } = faulty(40)
    begin()
    expect(await fate(resize(5))).toBe('accepted')
    expect([size(), times()]).toEqual([5, 0])
    pass(61_000)
    expect([size(), times()]).toEqual([3, 1])
  })
})
