import { describe, expect, it } from 'vitest'
import { bench } from './cloud-kit.ts'

describe('a cloud without faults', () => {
  it('is up after the boot time, and says the same while nothing changes', async () => {
    const { look, cloud, target, context } = bench()
    const first = await look()
    expect(first.groups.map((one) => [one.id, one.sizes, one.instances.map((instance) => instance.state)])).toEqual([
      ['web', { 'img-1': 3 }, ['healthy', 'healthy', 'healthy']],
    ])
    expect(await look()).toBe(first)
    expect(await cloud.router!.look(target, context())).toBe(await cloud.router!.look(target, context()))
    expect(Object.isFrozen(first.groups[0]?.instances[0])).toBe(true)
  })

  it('goes all the way of a blue/green', async () => {
    const { cloud, target, context, go, pass, look, weights, createCandidate } = bench()
    await createCandidate()
    pass(10_000)
    await go(cloud.router!.setWeights(target, { web: 100, 'web-v001': 0 }, { web: 0, 'web-v001': 100 }, context()))
    expect(await weights()).toEqual({ web: 0, 'web-v001': 100 })
    expect(cloud.truth.weights('sim/web')).toEqual({ web: 0, 'web-v001': 100 })
    await go(cloud.router!.leave(target, 'web', 'web', 'all', context()))
    await go(cloud.router!.release(target, 'web', context()))
    await go(cloud.provider.retire(target, 'web', context()))
    expect((await look()).groups.map((one) => [one.id, one.createdBy])).toEqual([['web-v001', 'r1']])
    expect(cloud.truth.groups.get('web-v001')?.instances.every((one) => one.machine.loaded)).toBe(true)
  })

  it('refuses weights for a route that is gone, and the deletion of one that has weight', async () => {
    const { cloud, target, context, go, fate, createCandidate } = bench()
    await createCandidate()
    expect(await fate(cloud.router!.release(target, 'web', context()))).toBe('conflict')
    await go(cloud.router!.release(target, 'web-v001', context()))
    const late = cloud.router!.setWeights(target, { web: 100 }, { web: 0, 'web-v001': 100 }, context())
    expect(await fate(late)).toBe('not-found')
  })
})
