import { describe, expect, it } from 'vitest'
import { FAULTS, type CloudOptions } from '../../src/testing/cloud/index.ts'
import { bench, inPlace } from './cloud-kit.ts'

const BEGIN_MS = 60_000

/** A cloud in which one fault happens at every occasion, from a minute on. */
function faulty(
  fault: number,
  options: Partial<CloudOptions> = {},
  more: Parameters<typeof bench>[1] = {},
  target?: typeof inPlace,
) {
  const faults = { kinds: [fault], rates: { [fault]: 1 }, afterMs: BEGIN_MS, everyMs: 60_000 }
  const made = bench({ ...options, faults }, more, target)
  return {
    ...made,
    begin: () => made.pass(BEGIN_MS - 10_000),
    times: () => made.cloud.faults.drawn[fault] ?? 0,
    resize: (size: number) => made.cloud.provider.resize(made.target, 'web', { 'img-1': size }, undefined, made.context()),
    size: () => made.cloud.truth.groups.get('web')?.sizes['img-1'],
  }
}

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
    expect(log.map((call) => call.landedAt.length).toSorted()).toContain(2)
    expect(log.every((call) => call.landedAt.length > 0)).toBe(true)
    const delays = log.flatMap((call) => call.landedAt.map((at) => at - call.at))
    expect(Math.max(...delays)).toBeLessThanOrEqual(90_000)
    expect(Math.max(...delays)).toBeGreaterThan(30_000)
    expect(times()).toBe(30)
  })

  it('4: a late conditional write finds its version gone, an unconditional one undoes what came after', async () => {
    for (const [conditional, size] of [
      [true, 7],
      [false, 5],
    ] as const) {
      const made = faulty(4, { conditional })
      const { begin, cloud, target, context, fate, pass } = made
      begin()
      const version = String(cloud.truth.groups.get('web')?.version)
      expect(await fate(cloud.provider.resize(target, 'web', { 'img-1': 5 }, version, context()))).toBe('unknown')
      cloud.people.resize('web', 7)
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

describe('faults of the world', () => {
  it('8: an instance dies and is replaced', () => {
    const { begin, cloud, pass, times } = faulty(8)
    begin()
    pass(10_000)
    expect(cloud.truth.groups.get('web')?.failures.count).toBe(1)
    cloud.faults.stop()
    pass(60_000)
    expect(cloud.truth.groups.get('web')?.instances.map((one) => one.machine.state)).toEqual(['healthy', 'healthy', 'healthy'])
    expect(times()).toBe(1)
  })

  it('9: an instance never becomes healthy, and is replaced after a long while', () => {
    const { begin, cloud, pass } = faulty(9, { unhealthyMs: 100_000 })
    begin()
    pass(10_000)
    cloud.people.resize('web', 4)
    cloud.faults.stop()
    const newest = () => cloud.truth.groups.get('web')?.instances.at(-1)?.machine
    pass(30_000)
    expect(newest()).toMatchObject({ state: 'unhealthy', cause: { fault: 9 } })
    pass(200_000)
    expect(newest()?.state).toBe('healthy')
  })

  it.for([10, 37])('%i: launches fail for want of capacity, and succeed once the faults are over', async (fault) => {
    const { begin, cloud, group, pass, createCandidate, times } = faulty(fault)
    begin()
    pass(10_000)
    await createCandidate()
    expect((await group('web-v001'))?.failures).toMatchObject({ last: { class: 'capacity' } })
    expect(cloud.truth.groups.get('web-v001')?.instances).toHaveLength(0)
    cloud.faults.stop()
    pass(60_000)
    expect(cloud.truth.groups.get('web-v001')?.instances).toHaveLength(3)
    expect(times()).toBeGreaterThan(0)
  })

  it('37: capacity is short for what is new alone', () => {
    const { begin, cloud, pass } = faulty(37)
    begin()
    pass(10_000)
    cloud.people.resize('web', 4)
    expect(cloud.truth.groups.get('web')?.instances).toHaveLength(4)
  })

  it('12: growth is refused with the quota', async () => {
    const { begin, pass, resize, fate, cloud } = faulty(12)
    begin()
    pass(10_000)
    expect(await fate(resize(5))).toBe('quota')
    cloud.faults.stop()
    expect(await fate(resize(5))).toBe('accepted')
  })

  it('13 and 14: the autoscaler speaks while a rollout holds the fleet', async () => {
    const made = bench({ autoscaler: { periodMs: 60_000 }, faults: { kinds: [13, 14] } }, { demand: () => 6 })
    const { cloud, target, context, go, world, pass, createCandidate } = made
    await createCandidate(3)
    const mark = { kind: 'scale-in', owner: 'r1', epoch: 1, expiresAt: world.now + 1e7, store: 's1' } as const
    for (const group of ['web', 'web-v001']) await go(cloud.provider.hold(target, group, mark, 3, context()))
    pass(60_000)
    expect(cloud.truth.groups.get('web')?.sizes).toEqual({ 'img-1': 6 })
    expect(cloud.truth.groups.get('web-v001')?.sizes).toEqual({ 'img-2': 3 })
    expect(cloud.faults.drawn).toMatchObject({ 13: 1, 14: 1 })
  })

  it('15 and 16: people edit and delete', async () => {
    const editing = faulty(15)
    editing.begin()
    editing.pass(600_000)
    expect(editing.times()).toBeGreaterThan(0)
    expect(editing.world.trace.entries.some((entry) => entry.cause.kind === 'person')).toBe(true)
    const deleting = faulty(16)
    await deleting.createCandidate()
    deleting.begin()
    deleting.pass(10_000)
    expect(deleting.cloud.truth.groups.size).toBe(1)
    deleting.pass(600_000)
    expect(deleting.cloud.truth.groups.size).toBe(1)
  })

  it('25 and 26: numbers fail, or are none', async () => {
    const query = { query: 'error-rate', subject: { group: 'web', release: 'img-1' }, from: 0, until: 1 }
    const read = (fault: number) => {
      const { begin, cloud, context, fate, go } = faulty(fault)
      begin()
      return { fate, go, samples: () => cloud.metrics.read(query, context()) }
    }
    const down = read(25)
    expect(await down.fate(down.samples())).toBe('transient')
    const wrong = read(26)
    for (let index = 0; index < 10; index++)
      for (const sample of await wrong.go(wrong.samples()))
        expect(Number.isNaN(sample.value) || sample.at < query.from).toBe(true)
  })

  it('27: health flaps, or the router cannot tell', () => {
    const { begin, cloud, world, pass, times } = faulty(27)
    begin()
    let unclear = 0
    world.observe(() => {
      const instances = cloud.truth.groups.get('web')?.instances ?? []
      if (instances.some((one) => one.machine.state === 'unhealthy' || one.hazyUntil > world.now)) unclear++
    })
    pass(3_600_000)
    expect(unclear).toBeGreaterThan(0)
    expect(times()).toBeGreaterThan(3)
    cloud.faults.stop()
    expect(cloud.truth.groups.get('web')?.instances.every((one) => one.hazyUntil <= world.now)).toBe(true)
  })

  it('28: a zone fails with its instances, which come back in the others', () => {
    const { begin, cloud, world, pass } = faulty(28)
    begin()
    pass(10_000)
    const dark = world.zones.filter((zone) => !world.machines.isLit(zone))
    expect(dark).toHaveLength(1)
    pass(30_000)
    const zones = cloud.truth.groups.get('web')?.instances.map((one) => one.machine.zone)
    expect(zones).toHaveLength(3)
    expect(zones).not.toContain(dark[0])
    cloud.faults.stop()
    expect(world.zones.every((zone) => world.machines.isLit(zone))).toBe(true)
  })

  it('29: an instance is taken back, with notice and a replacement', async () => {
    const { begin, group } = faulty(29)
    begin()
    const seen = await group('web')
    expect(seen?.instances.map((one) => one.state).toSorted()).toEqual(['healthy', 'healthy', 'starting', 'terminating'])
    expect(seen?.failures).toMatchObject({ count: 1, last: { class: 'capacity' } })
  })

  it('30 and 31: nothing can be launched from an image that was withdrawn, until the faults are over', async () => {
    for (const [fault, id] of [
      [30, 'web-v001'],
      [31, 'web'],
    ] as const) {
      const { begin, cloud, group, pass, createCandidate } = faulty(fault)
      await createCandidate()
      begin()
      pass(10_000)
      cloud.people.resize(id, 5)
      expect((await group(id))?.failures).toMatchObject({ last: { class: 'invalid' } })
      cloud.faults.stop()
      pass(60_000)
      expect(cloud.truth.groups.get(id)?.instances).toHaveLength(5)
    }
  })

  it('32: every call is denied while the credentials are expired', async () => {
    const { begin, cloud, target, context, pass, resize, fate } = faulty(32)
    begin()
    pass(10_000)
    expect(await fate(resize(5))).toBe('denied')
    expect(await fate(cloud.provider.describe(target, context()))).toBe('denied')
    cloud.faults.stop()
    expect(await fate(resize(5))).toBe('accepted')
  })
})

describe('a run', () => {
  it('has a name for each kind of fault, and can have half of them', () => {
    const { cloud } = bench({ faults: { swarm: true, afterMs: 1e9 } })
    expect(cloud.faults.kinds.size).toBeGreaterThan(3)
    expect(cloud.faults.kinds.size).toBeLessThan(Object.keys(FAULTS).length - 3)
    for (const kind of cloud.faults.kinds) expect(FAULTS[kind]).toBeTypeOf('string')
  })
})
