import { expect, it } from 'vitest'
import { createRandom } from '../../src/testing/world/index.ts'
import { bench } from './cloud-kit.ts'

/** An hour in which somebody asks for this and that without a plan, and everything that can go wrong does; then an hour of peace. */
async function twoHours(seed: number) {
  const options = {
    settleMs: 8_000,
    latencyMs: [10, 2_000],
    terminateMs: [0, 20_000],
    handles: true,
    conditional: seed % 2 === 0,
    autoscaler: { periodMs: 60_000 },
    router: { propagationMs: 4_000, drainMs: [0, 30_000] },
    faults: { afterMs: 60_000 },
  } as const
  const made = bench(options, { seed, demand: () => 4, traceLength: 100_000 })
  const { world, cloud, target, context, pass, createCandidate, fate, look, release } = made
  await createCandidate()
  const request = { group: 'web-v001', release: await release('img-2'), sealed: null, like: 'web', size: 2, rolloutId: 'r1' }
  const random = createRandom(seed, 'client')
  const wishes = [
    () => cloud.provider.resize(target, 'web', { 'img-1': random.whole(1, 6) }, undefined, context()),
    () => cloud.provider.resize(target, 'web-v001', { 'img-2': random.whole(1, 6) }, undefined, context()),
    () => cloud.provider.retire(target, 'web-v001', context()),
    () => cloud.provider.describe(target, context()),
    () => cloud.router!.prepare(target, 'web-v001', context()),
    () => cloud.provider.ensureGroup(target, { ...request, binding: 'web-v001' }, context()),
    () => cloud.router!.look(target, context()),
    () => cloud.router!.join(target, 'web-v001', 'web-v001', context()),
    () => cloud.router!.leave(target, 'web-v001', 'web-v001', 'all', context()),
    () => cloud.router!.setWeights(target, cloud.truth.weights('sim/web'), { web: 60, 'web-v001': 40 }, context()),
  ]
  const fates: string[] = []
  for (const untilAt = world.now + 3_600_000; world.now < untilAt; pass(random.whole(0, 20_000)))
    fates.push(await fate(random.pick(wishes)!()))
  cloud.faults.stop()
  pass(3_600_000)
  const last = await look().catch(() => undefined)
  return { trace: `${fates.join(' ')}\n${String(world.trace)}\n${JSON.stringify(last)}`, ...made }
}

it('the same seed gives the same two hours, byte for byte, and another gives others', async () => {
  const [once, again, other] = [await twoHours(11), await twoHours(11), await twoHours(12)]
  expect(once.trace.length).toBeGreaterThan(10_000)
  expect(again.trace).toBe(once.trace)
  expect(other.trace).not.toBe(once.trace)
})

it('whatever went wrong, all is well an hour after the faults were stopped, and what is read is true', async () => {
  const drawn = new Set<string>()
  for (let seed = 1; seed <= 12; seed++) {
    const { cloud, world, look } = await twoHours(seed)
    for (const fault of Object.keys(cloud.faults.drawn)) drawn.add(fault)
    for (const group of cloud.truth.groups.values()) {
      const wanted = Object.values(group.sizes).reduce((sum, size) => sum + size, 0)
      expect(group.instances.map((one) => one.machine.state)).toEqual(Array(wanted).fill('healthy'))
      expect(wanted).toBeGreaterThanOrEqual(group.min)
    }
    for (const fleet of cloud.truth.fleets.values())
      for (const route of fleet.routes.values()) expect(route.inForce).toBe(route.weight)
    for (const call of cloud.calls.log) {
      expect(call.outcome).not.toBe('pending')
      for (const at of call.landedAt) expect(at - call.at).toBeLessThanOrEqual(60_000 + 2_000)
    }
    // A person and the client together may have deleted every group.
    const groups = cloud.truth.groups.size === 0 ? [] : (await look()).groups
    expect(groups.map((one) => [one.id, one.sizes, one.instances.map((instance) => instance.id)])).toEqual(
      [...cloud.truth.groups.values()].map((one) => [one.id, one.sizes, one.instances.map(({ machine }) => machine.id)]),
    )
    expect(world.machines.alive).toHaveLength(
      [...cloud.truth.groups.values()].reduce((sum, one) => sum + one.instances.length, 0),
    )
  }
  expect(drawn.size).toBeGreaterThan(20)
})
