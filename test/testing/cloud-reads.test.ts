import { describe, expect, it } from 'vitest'
import { bench } from './cloud-kit.ts'

const SETTLE_MS = 10_000

function lagging(kinds: readonly number[]) {
  return bench({ settleMs: SETTLE_MS, faults: { kinds, rates: { 5: 0.7, 6: 1 }, afterMs: 60_000 } })
}

describe('reads that lag', () => {
  it('show fields and instances of different moments, and the truth once all has settled', async () => {
    const { cloud, target, context, go, group, pass } = lagging([5, 6])
    pass(60_000)
    await go(cloud.provider.resize(target, 'web', { 'img-1': 5 }, undefined, context()))
    const pairs = new Set<string>()
    for (let moment = 0; moment < SETTLE_MS; moment += 100) {
      const seen = await group('web')
      pairs.add(`${seen?.sizes['img-1']} ${seen?.instances.length}`)
      pass(100)
    }
    expect([...pairs].toSorted()).toEqual(['3 3', '3 5', '5 3', '5 5'])
    expect(cloud.faults.drawn[5]).toBeGreaterThan(0)
    expect(cloud.faults.drawn[6]).toBeGreaterThan(0)
    pass(20_000)
    for (let look = 0; look < 50; look++) {
      const seen = await group('web')
      expect([seen?.sizes, seen?.instances.map((one) => one.state)]).toEqual([{ 'img-1': 5 }, Array(5).fill('healthy')])
    }
  })

  it('miss a group that is there, and never go back unless they may', async () => {
    const { look, createCandidate, pass, cloud } = lagging([5])
    pass(60_000)
    await createCandidate()
    const counts: number[] = []
    for (let moment = 0; moment < SETTLE_MS; moment += 100) {
      counts.push((await look()).groups.length)
      pass(100)
    }
    expect(new Set(counts)).toEqual(new Set([1, 2]))
    expect(counts.toSorted((a, b) => a - b)).toEqual(counts)
    expect(cloud.faults.drawn[6]).toBeUndefined()
  })

  it('are true at once when the faults are over', async () => {
    const { cloud, target, context, go, group, pass } = lagging([5, 6])
    pass(60_000)
    await go(cloud.provider.resize(target, 'web', { 'img-1': 5 }, undefined, context()))
    pass(SETTLE_MS / 2)
    cloud.faults.stop()
    for (let look = 0; look < 50; look++) expect((await group('web'))?.sizes).toEqual({ 'img-1': 5 })
  })
})

describe('an accepted call', () => {
  it('lands within half the settle time, and its handle says when', async () => {
    const { cloud, target, context, go, pass } = bench({ settleMs: SETTLE_MS, handles: true })
    const state = async (handle: string) =>
      (await go(cloud.provider.describe({ ...target, handles: [handle] }, context()))).handles[handle]?.state
    for (let size = 4; size < 10; size++) {
      const { handle } = await go(cloud.provider.resize(target, 'web', { 'img-1': size }, undefined, context()))
      expect(await state(handle!)).toBe('pending')
      pass(SETTLE_MS / 2)
      expect(cloud.truth.groups.get('web')?.sizes).toEqual({ 'img-1': size })
      expect(await state(handle!)).toBe('done')
    }
  })

  it('fails by its handle when things have changed before it landed', async () => {
    const { cloud, target, context, go, pass, group } = bench({ settleMs: SETTLE_MS, handles: true })
    const version = (await group('web'))?.version
    const { handle } = await go(cloud.provider.resize(target, 'web', { 'img-1': 9 }, version, context()))
    cloud.people.resize('web', 4)
    pass(SETTLE_MS)
    const { handles } = await go(cloud.provider.describe({ ...target, handles: [handle!, 'unheard-of'] }, context()))
    expect(handles).toMatchObject({ [handle!]: { state: 'failed', class: 'conflict' } })
    expect(Object.keys(handles)).toEqual([handle])
    expect(cloud.truth.groups.get('web')?.sizes).toEqual({ 'img-1': 4 })
  })
})

describe('traffic', () => {
  it('follows new weights when they have propagated, and drains who had requests', async () => {
    const router = { propagationMs: 5_000, drainMs: [20_000, 20_000] } as const
    const { cloud, target, context, go, pass, weights, createCandidate } = bench({ router })
    await createCandidate()
    pass(10_000)
    await go(cloud.router!.setWeights(target, { web: 100, 'web-v001': 0 }, { web: 0, 'web-v001': 100 }, context()))
    expect(await weights()).toEqual({ web: 0, 'web-v001': 100 })
    pass(5_000)
    expect(cloud.truth.weights('sim/web')).toEqual({ web: 0, 'web-v001': 100 })
    await go(cloud.router!.leave(target, 'web', 'web', 'all', context()))
    const routed = async () => {
      const { routing } = await go(cloud.router!.look(target, context()))
      return cloud.truth.groups.get('web')?.instances.map((one) => routing.instances[one.machine.id]?.state)
    }
    expect(await routed()).toEqual(['draining', 'draining', 'draining'])
    pass(20_000)
    expect(await routed()).toEqual([undefined, undefined, undefined])
    expect(cloud.truth.severed).toEqual([])
  })

  it('is cut off by whoever removes an instance that has some', async () => {
    const { cloud, target, context, go } = bench()
    const id = cloud.truth.groups.get('web')!.instances[0]!.machine.id
    await go(cloud.provider.remove(target, 'web', [id], { 'img-1': 2 }, context('t9')))
    expect(cloud.truth.severed).toMatchObject([{ instance: id, cause: { kind: 'call' } }])
    expect(cloud.truth.severed[0]?.cause.name).toContain('t9')
  })

  it('is what numbers are about', async () => {
    const { cloud, world, target, context, go, pass, createCandidate } = bench()
    world.images.publish('img-3', { kind: 'errors-under-traffic', share: 0.25 })
    await createCandidate(3, 'img-3')
    pass(10_000)
    const subject = { group: 'web-v001', binding: 'web-v001', release: 'img-3' }
    const read = () => go(cloud.metrics.read({ query: 'error-rate', subject, from: 0, until: 7 }, context()))
    expect(await read()).toEqual([])
    await go(cloud.router!.setWeights(target, { web: 100, 'web-v001': 0 }, { web: 90, 'web-v001': 10 }, context()))
    expect(await read()).toEqual([{ at: 7, value: 0.25 }])
    for (const one of cloud.truth.groups.get('web-v001')!.instances) world.machines.end(one.machine.id, 'it crashed')
    expect(await read()).toEqual([{ at: 7, value: 1 }])
  })
})
