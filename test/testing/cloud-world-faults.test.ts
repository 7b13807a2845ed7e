import { describe, expect, it } from 'vitest'
import { FAULTS } from '../../src/testing/cloud/index.ts'
import { bench, faulty } from './cloud-kit.ts'

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
