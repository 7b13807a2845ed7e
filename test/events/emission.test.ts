import { canary, rolling, type EventOf, type EventType, type Rollout, type RolloutEvent } from 'imago'
import { expect, expectTypeOf, onTestFinished, test } from 'vitest'
import { createSite, type Site } from '../kit/index.ts'

const STRATEGY = canary({ weights: [34], bake: '30s' })

test('what is emitted is what was journaled, in order and once, from the first event on', async () => {
  const site = createSite()
  const rollout = await started(site)
  // Everything that reads before somebody listens: none of it may be lost.
  await site.settled(rollout.report())
  await site.settled(rollout.promote())
  const seen: RolloutEvent[] = []
  rollout.onAny((event) => void seen.push(event))
  expect(seen).toEqual([])
  await site.settled(rollout.tick())
  expect(seen[0]?.type).toBe('rollout.started')
  const [asked] = await site.settled(Promise.all([askNowAndThen(site, rollout, seen), rollout.run()]))
  expect(asked).toBeGreaterThan(2)
  expect(seen).toEqual(await site.events(rollout))
})

test('two who drive it at once in one process, and ticks of all beside them, emit each event once', async () => {
  const site = createSite()
  const { imago, fleet } = site.process()
  const rollout = await site.settled(fleet.plan({ image: 'img-2', strategy: STRATEGY }).then((plan) => fleet.start(plan)))
  const seen: RolloutEvent[] = []
  rollout.onAny((event) => void seen.push(event))
  const ticks = async () => {
    while (rollout.state.phase !== 'done') {
      await imago.tick()
      await site.world.clock.sleep(7_000)
    }
  }
  const reports = await site.settled(Promise.all([rollout.run(), rollout.run(), ticks()]))
  expect(reports[0].outcome).toBe('promoted')
  expect(seen).toEqual(await site.events(rollout))
  expect(seen.filter((event) => event.type === 'controller.took-over')).toHaveLength(1)
})

test('a rollout that was found again emits what is journaled from then on', async () => {
  const site = createSite()
  const rollout = await started(site)
  for (let turns = 0; turns < 5; turns++) await site.settled(rollout.tick())
  const past = await site.events(rollout)
  const found = await site.settled(site.process().imago.rollout(rollout.id))
  const seen: RolloutEvent[] = []
  found.onAny((event) => void seen.push(event))
  await site.settled(found.run())
  expect([...past, ...seen]).toEqual(await site.events(rollout))
})

test('what another process writes is emitted here too', async () => {
  const site = createSite()
  const rollout = await started(site)
  const seen: RolloutEvent[] = []
  rollout.onAny((event) => void seen.push(event))
  const other = await site.settled(site.process().imago.rollout(rollout.id))
  await site.settled(other.run())
  expect(seen).toEqual([])
  await site.settled(rollout.tick())
  expect(seen).toEqual(await site.events(rollout))
})

test('a listener that throws, rejects or leaves harms nobody, and is reported', async () => {
  const site = createSite()
  const warnings: Error[] = []
  const note = (warning: Error) => void warnings.push(warning)
  process.on('warning', note)
  onTestFinished(() => void process.off('warning', note))
  const rollout = await started(site)
  const seen: EventType[] = []
  rollout.on('waypoint.entered', () => {
    throw new Error('thrown')
  })
  rollout.on('waypoint.entered', () => Promise.reject(new Error('rejected')))
  const leave = rollout.on('waypoint.entered', ({ type }) => {
    seen.push(type)
    leave()
  })
  rollout.onAny(({ type }) => void seen.push(type))
  expect((await site.settled(rollout.run())).outcome).toBe('promoted')
  expect(seen.filter((type) => type === 'waypoint.entered')).toHaveLength(1 + 3)
  const messages = warnings.filter((one) => one.name === 'ImagoListenerWarning').map((one) => one.message)
  expect(messages.filter((one) => one === 'A listener of waypoint.entered failed: thrown')).toHaveLength(3)
  expect(messages.filter((one) => one === 'A listener of waypoint.entered failed: rejected')).toHaveLength(3)
})

test('events replays from a sequence, then follows to the end', async () => {
  const site = createSite()
  const first = await started(site)
  await site.settled(first.run())
  // The second rollout begins in the middle of the fleet's stream.
  const second = await started(site, 'img-1')
  for (let turns = 0; turns < 5; turns++) await site.settled(second.tick())
  const following = Array.fromAsync(second.events())
  const late = second.state.seq
  const latter = Array.fromAsync(second.events({ from: late }))
  await site.settled(second.run())
  const all = await site.settled(following)
  expect(all).toEqual(await site.events(second))
  expect(await site.settled(latter)).toEqual(all.filter((event) => event.seq >= late))
  expect(all.map((event) => event.seq)).toEqual(all.map((_, index) => (all[0]?.seq ?? 0) + index))
})

test('events of what has ended ends, wherever it begins', async () => {
  const site = createSite()
  const rollout = await started(site)
  await site.settled(rollout.run())
  const { seq } = rollout.state
  const from = async (start: number) =>
    (await site.settled(Array.fromAsync(rollout.events({ from: start })))).map((one) => one.seq)
  expect(await from(seq)).toEqual([seq])
  expect(await from(seq + 1)).toEqual([])
  expect(await from(seq + 1_000)).toEqual([])
  await started(site, 'img-1')
  expect(await from(seq + 1)).toEqual([])
})

test('a reader that is slow, or leaves, changes nothing', async () => {
  const site = createSite()
  const rollout = await started(site)
  const read = async () => {
    let count = 0
    for await (const event of rollout.events()) {
      await site.world.clock.sleep(20_000)
      if (++count === 10) return event.seq
    }
    return 0
  }
  const [tenth, report] = await site.settled(Promise.all([read(), rollout.run()]))
  expect(tenth).toBe(10)
  expect(report.outcome).toBe('promoted')
})

test('listeners are typed by the event they ask for', () => {
  type On = Rollout['on']
  const on: On = () => () => undefined
  on('traffic.shifted', (event) => {
    expectTypeOf(event.weights).toEqualTypeOf<Readonly<Record<string, number>>>()
    expectTypeOf(event.seq).toEqualTypeOf<number>()
    // @ts-expect-error: that is a field of another event
    void event.outcome
  })
  on('rollout.finished', (event) => void expectTypeOf(event).toEqualTypeOf<EventOf<'rollout.finished'>>())
  // What a listener answers is of no concern, so that none needs braces or void.
  const seen: EventType[] = []
  let count = 0
  on('traffic.shifted', () => count++)
  on('traffic.shifted', ({ type }) => seen.push(type))
  on('traffic.shifted', async () => await Promise.resolve(count))
  const onAny: Rollout['onAny'] = () => () => undefined
  onAny(({ type }) => seen.push(type))
  // @ts-expect-error: there is no such event
  on('traffic.shift', () => undefined)
  expectTypeOf<EventOf<'gate.holding'>['type']>().toEqualTypeOf<'gate.holding'>()
  expectTypeOf<Parameters<Parameters<Rollout['onAny']>[0]>[0]>().toEqualTypeOf<RolloutEvent>()
})

async function started(site: Site, image = 'img-2'): Promise<Rollout> {
  return await site.started(site.process().fleet, image === 'img-2' ? STRATEGY : rolling(), image)
}

/** Asks for something now and then while a rollout is driven: each time the journal is read beside the turn. */
async function askNowAndThen({ world }: Site, rollout: Rollout, seen: readonly RolloutEvent[]): Promise<number> {
  let asked = 0
  while (seen.at(-1)?.type !== 'rollout.finished') {
    await world.clock.sleep(world.random(`ask ${asked}`).whole(1, 9_000))
    await rollout.approve('nothing').catch(() => undefined)
    asked++
  }
  return asked
}
