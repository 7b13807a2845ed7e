import { describe, expect, it } from 'vitest'
import type { HoldView } from '../../src/core/snapshot.ts'
import { bench, inPlace } from './cloud-kit.ts'

const autoscaler = { periodMs: 60_000, recommends: true }

function mark(kind: HoldView['kind'], owner: string, expiresAt: number, more: Partial<HoldView> = {}): HoldView {
  return { kind, owner, epoch: 1, expiresAt, store: 's1', ...more }
}

describe('a claim', () => {
  it('refuses another owner and another store while it lives, and an old epoch', async () => {
    const { cloud, target, context, fate, world, pass } = bench()
    const hold = (view: HoldView) => fate(cloud.provider.hold(target, 'web', view, undefined, context()))
    const untilAt = world.now + 60_000
    expect(await hold(mark('claim', 'r1', untilAt, { epoch: 2 }))).toBe('accepted')
    expect(await hold(mark('claim', 'r2', untilAt))).toBe('conflict')
    expect(await hold(mark('claim', 'r1', untilAt, { epoch: 2, store: 's2' }))).toBe('conflict')
    expect(await hold(mark('claim', 'r1', untilAt, { epoch: 1 }))).toBe('conflict')
    expect(await hold(mark('claim', 'r1', untilAt, { epoch: 3 }))).toBe('accepted')
    pass(60_000)
    expect(await hold(mark('claim', 'r2', world.now + 1))).toBe('accepted')
  })

  it('is refused for the whole fleet, on whichever group it stands', async () => {
    const { cloud, target, context, fate, world, createCandidate } = bench()
    await createCandidate()
    const untilAt = world.now + 60_000
    await fate(cloud.provider.hold(target, 'web', mark('claim', 'r1', untilAt), undefined, context()))
    expect(await fate(cloud.provider.hold(target, 'web-v001', mark('claim', 'r2', untilAt), undefined, context()))).toBe(
      'conflict',
    )
  })
})

describe('held scale-in', () => {
  it('keeps the autoscaler from shrinking and never from growing', async () => {
    let demand = 3
    const { cloud, target, context, go, group, world, pass } = bench({ autoscaler }, { demand: () => demand })
    await go(cloud.provider.hold(target, 'web', mark('scale-in', 'r1', world.now + 3_600_000, { previousMin: 2 }), 3, context()))
    demand = 1
    pass(120_000)
    expect(await group('web')).toMatchObject({ sizes: { 'img-1': 3 }, min: 3, recommended: 1 })
    demand = 5
    pass(120_000)
    expect(await group('web')).toMatchObject({ sizes: { 'img-1': 5 }, min: 3, recommended: 5 })
    await go(cloud.provider.release(target, 'web', 'scale-in', 'r1', context()))
    demand = 1
    pass(120_000)
    expect(await group('web')).toMatchObject({ sizes: { 'img-1': 2 }, min: 2, holds: [] })
    expect(cloud.truth.groups.get('web')?.instances).toHaveLength(2)
  })

  it('lets the minimum move with the own sizes, and gives back the one from before', async () => {
    const { cloud, target, context, go, group, world } = bench()
    const renewal = mark('scale-in', 'r1', world.now + 3_600_000)
    await go(cloud.provider.hold(target, 'web', renewal, 3, context()))
    await go(cloud.provider.resize(target, 'web', { 'img-1': 5 }, undefined, context()))
    expect(await group('web')).toMatchObject({ min: 5, holds: [{ previousMin: 2 }] })
    const [one, two] = [...(cloud.truth.groups.get('web')?.instances ?? [])]
    const names = [one!.machine.id, two!.machine.id]
    await go(cloud.provider.remove(target, 'web', names, { 'img-1': 3 }, context()))
    expect((await group('web'))?.min).toBe(3)
    expect(cloud.truth.groups.get('web')?.instances.some((left) => names.includes(left.machine.id))).toBe(false)
    await go(cloud.provider.hold(target, 'web', { ...renewal, previousMin: 3 }, 3, context()))
    await go(cloud.provider.release(target, 'web', 'scale-in', 'r1', context()))
    expect((await group('web'))?.min).toBe(2)
  })

  it('leaves a group that a rollout made with the minimum that it was told, and never larger for it', async () => {
    for (const [size, min] of [
      [3, 2],
      [1, 1],
    ] as const) {
      const { cloud, target, context, go, group, world, createCandidate } = bench()
      await createCandidate(1)
      expect((await group('web-v001'))?.min).toBe(1)
      const held = mark('scale-in', 'r1', world.now + 1e6, { previousMin: 2 })
      await go(cloud.provider.hold(target, 'web-v001', held, 1, context()))
      expect((await group('web-v001'))?.min).toBe(1)
      await go(cloud.provider.resize(target, 'web-v001', { 'img-2': size }, undefined, context()))
      await go(cloud.provider.release(target, 'web-v001', 'scale-in', 'r1', context()))
      expect((await group('web-v001'))?.min).toBe(min)
    }
  })
})

describe('the autoscaler', () => {
  it('gives each group its share of the demand', async () => {
    const { cloud, target, context, go, group, pass, createCandidate } = bench({ autoscaler }, { demand: () => 8 })
    await createCandidate(2)
    pass(10_000)
    await go(cloud.router!.setWeights(target, { web: 100, 'web-v001': 0 }, { web: 75, 'web-v001': 25 }, context()))
    pass(120_000)
    expect((await group('web'))?.recommended).toBe(6)
    expect((await group('web-v001'))?.recommended).toBe(2)
  })
})

describe('a group whose instances are replaced in place', () => {
  it('is repaired with what it launches now', async () => {
    const { cloud, context, go, group, release, world, pass } = bench({}, {}, inPlace)
    const request = { group: 'web', release: await release('img-2'), sealed: null, like: 'web', size: 1, rolloutId: 'r1' }
    await go(cloud.provider.ensureGroup(inPlace, request, context()))
    expect(await group('web')).toMatchObject({ release: 'img-2', sizes: { 'img-1': 3, 'img-2': 1 } })
    const victim = cloud.truth.groups.get('web')?.instances.find((one) => one.machine.release === 'img-1')
    world.machines.end(victim!.machine.id, 'it crashed')
    pass(20_000)
    expect(await group('web')).toMatchObject({ sizes: { 'img-1': 2, 'img-2': 2 }, failures: { count: 1 } })
    const releases = cloud.truth.groups.get('web')?.instances.map((one) => one.machine.release)
    expect(releases?.toSorted()).toEqual(['img-1', 'img-1', 'img-2', 'img-2'])
  })
})
