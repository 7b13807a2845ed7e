import {
  backByWeights,
  blueGreen,
  callFailed,
  canary,
  defineStrategy,
  healthy,
  rolling,
  terms,
  waypoint,
  type Waypoint,
} from 'imago'
import { describe, expect, test } from 'vitest'
import { createSite, ofType } from '../kit/index.ts'

const HOUR_MS = 3_600_000
const denied = (name: string) => () => Promise.reject(callFailed('denied', name, `no permission to ${name}`))

/** A candidate at full size, and then what the waypoint says when that takes too long. */
const besides = (onDeadline: Waypoint['onDeadline']) =>
  defineStrategy({
    name: 'own',
    version: 1,
    options: {},
    needs: 'weights',
    plan(_, context) {
      const given = terms(context, {})
      const whole = { size: { kind: 'at-least', share: 1 }, state: 'serving' } as const
      const shape = {
        generations: { stable: whole, candidate: whole },
        routing: { by: 'weights', weights: { stable: 100 } },
      } as const
      const alone = {
        generations: { stable: { ...whole, state: 'retired' }, candidate: whole },
        routing: { by: 'weights', weights: { candidate: 100 } },
      } as const
      const waypoints = [
        waypoint('beside', 'candidate beside stable', shape, [healthy(given)], given, { onDeadline }),
        waypoint('alone', 'candidate alone', alone, [healthy(given)], given, { reversible: 'rebuild' }),
      ]
      return { waypoints, back: backByWeights(given), notes: [] }
    },
  })

test('a rollout that is first driven an hour after its start has all of its time', async () => {
  const site = createSite()
  const rollout = await site.started(site.process().fleet, blueGreen({ bake: '30s' }))
  await site.pass(HOUR_MS)
  expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted' })
})

test('a way back that was asked for while the fleet could not be looked at has all of its time', async () => {
  const site = createSite()
  let blind = false
  const { describe: look } = site.cloud.provider
  const away = () => Promise.reject(callFailed('denied', 'describe', 'no permission'))
  const { fleet } = site.process({ provider: { describe: (...given) => (blind ? away() : look(...given)) } })
  const rollout = await site.started(fleet, canary({ weights: [34], bake: '1h' }))
  await site.until(rollout, (event) => event.type === 'traffic.shifted')
  blind = true
  await site.settled(rollout.rollback())
  await site.turns(rollout, 20)
  expect(rollout.state).toMatchObject({ aim: 'back', entered: false })
  blind = false
  expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'rolled-back' })
})

test('a rollout that its deadline paused has the deadline again once it is resumed', async () => {
  const site = createSite({ image: { kind: 'never-healthy' }, unhealthyMs: 1e9 })
  const rollout = await site.started(site.process().fleet, besides('pause'))
  const told = await site.until(rollout, (event) => event.type === 'person.needed')
  expect(told).toMatchObject({ why: 'no progress towards beside for 1m', next: 'mend it and resume, or roll back' })
  await site.turns(rollout, 30)
  await site.settled(rollout.resume())
  await site.turns(rollout, 5)
  expect(rollout.state.paused).toBeUndefined()
  await site.turns(rollout, 3)
  expect(rollout.state.paused).toMatchObject({ by: 'imago' })
})

test('what came and went while a person had paused is not held against the rollout', async () => {
  const site = createSite()
  const rollout = await site.started(site.process().fleet, canary({ weights: [34], bake: '5m' }))
  await site.until(rollout, (event) => event.type === 'gate.holding' && event.gate === 'bake')
  await site.settled(rollout.pause())
  await site.turns(rollout, 2)
  site.cloud.people.setWeights('sim/web', { web: 50, 'web-v001': 50 })
  await site.turns(rollout, 60)
  site.cloud.people.setWeights('sim/web', { web: 66, 'web-v001': 34 })
  await site.turns(rollout, 3)
  await site.settled(rollout.resume())
  expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted' })
})

test('the clock also stands when a rollout was paused before its first turn', async () => {
  const site = createSite()
  const rollout = await site.started(site.process().fleet, blueGreen({ bake: '30s' }))
  await site.settled(rollout.pause())
  await site.turns(rollout, 30)
  await site.settled(rollout.resume())
  expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted' })
})

test.for(['pause', 'rollback', 'abort'] as const)('a waypoint that is not reached in time leads to %s', async (onDeadline) => {
  const site = createSite({ image: { kind: 'never-healthy' }, unhealthyMs: 1e9 })
  const rollout = await site.started(site.process().fleet, besides(onDeadline))
  await site.turns(rollout, 40)
  const { paused, outcome } = rollout.state
  const found = { pause: paused?.by, rollback: outcome, abort: outcome }[onDeadline]
  expect(found).toBe({ pause: 'imago', rollback: 'rolled-back', abort: 'aborted' }[onDeadline])
})

test('nothing can be proceeded with where a waypoint is not reached', async () => {
  const site = createSite()
  // @ts-expect-error a fleet that is not there cannot be gone on with
  const refused = site.process().fleet.plan({ image: 'img-2', strategy: besides('proceed') })
  expect((await site.refused(refused)).message).toMatch(/waypoints\[0\]\.onDeadline.*"proceed".*"rollback"/)
})

describe('what may not be deleted', () => {
  test('stable: the rollout pauses, as its last waypoint says, and goes on when it may', async () => {
    const site = createSite()
    let may = false
    const { retire } = site.cloud.provider
    const { fleet } = site.process({ provider: { retire: (...given) => (may ? retire(...given) : denied('retire')()) } })
    const rollout = await site.started(fleet, blueGreen({ bake: '30s' }))
    const told = await site.until(rollout, (event) => event.type === 'person.needed')
    expect(told).toMatchObject({ why: expect.stringContaining('no permission to retire') })
    expect(rollout.state).toMatchObject({ aim: 'forward', paused: { by: 'imago' } })
    may = true
    await site.settled(rollout.resume())
    expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted', leftovers: [] })
  })

  test('the candidate, on the way back: it stays, and the outcome lists it', async () => {
    const site = createSite()
    const { fleet } = site.process({ provider: { retire: denied('retire') } })
    const rollout = await site.started(fleet, canary({ weights: [34], bake: '1h' }))
    await site.until(rollout, (event) => event.type === 'traffic.shifted')
    await site.settled(rollout.rollback())
    const report = await site.settled(rollout.run())
    expect(report).toMatchObject({ outcome: 'rolled-back', leftovers: ['web-v001'] })
    expect(report.next).toContain('web-v001 could not be removed and must be by hand: no permission to retire')
    expect([...site.cloud.truth.fleets.values()].flatMap((one) => [...one.routes.values()])).toMatchObject([
      { binding: 'web', weight: 100 },
    ])
  })

  test('what an earlier rollout left: the next one is promoted beside it, and lists it', async () => {
    const site = createSite()
    const first = await site.started(site.process().fleet, canary({ weights: [34], bake: '1h' }))
    await site.until(first, (event) => event.type === 'traffic.shifted')
    await site.settled(first.abort())
    await site.settled(first.run())
    const { retire } = site.cloud.provider
    const kept: typeof retire = (target, group, context) =>
      group === 'web-v001' ? denied('retire')() : retire(target, group, context)
    const second = await site.started(site.process({ provider: { retire: kept } }).fleet, blueGreen({ bake: '30s' }), 'img-3')
    expect(await site.settled(second.run())).toMatchObject({ outcome: 'promoted', leftovers: ['web-v001'] })
  })
})

test('holds that may not be released call a person after the deadline of the last waypoint', async () => {
  const site = createSite()
  let may = false
  const { release } = site.cloud.provider
  const { fleet } = site.process({ provider: { release: (...given) => (may ? release(...given) : denied('release')()) } })
  const rollout = await site.started(fleet, rolling())
  const told = await site.until(rollout, (event) => event.type === 'person.needed')
  expect(told).toMatchObject({
    why: expect.stringMatching(/^the rollout could not be finished for 1m; hold claim .*no permission to release$/),
  })
  const before = (await site.events(rollout)).length
  await site.turns(rollout, 50)
  expect(ofType((await site.events(rollout)).slice(before), 'command.intended').map((event) => event.command.kind)).toEqual([])
  may = true
  await site.settled(rollout.resume())
  expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted' })
})

test('what this process did not send, for it stood still, is no refusal of the cloud', async () => {
  const site = createSite()
  let stands = 0
  const append: typeof site.store.append = async (stream, atSeq, entries) => {
    const appended = await site.store.append(stream, atSeq, entries)
    if (JSON.stringify(entries).includes('"kind":"retire"') && stands++ < 3) await site.world.clock.sleep(40_000)
    return appended
  }
  const { fleet } = site.process({ store: { ...site.store, append } })
  const rollout = await site.started(fleet, blueGreen({ bake: '1m', progressDeadline: '30m' }))
  await site.until(rollout, (event) => event.type === 'command.withheld')
  expect(rollout.state.setbacks).toEqual({})
  expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted', leftovers: [] })
  const events = await site.events(rollout)
  expect(ofType(events, 'command.withheld')).toHaveLength(3)
  expect([...ofType(events, 'command.refused'), ...ofType(events, 'generation.kept')]).toEqual([])
})

test.for([
  ['lost every time', () => callFailed('unknown', 'ensureGroup', 'no answer')],
  [
    'lost once and refused ever after',
    (call: number) => callFailed(call === 1 ? 'unknown' : 'not-found', 'ensureGroup', 'no answer'),
  ],
  ['lost every other time', (call: number) => callFailed(call % 2 === 1 ? 'unknown' : 'throttled', 'ensureGroup', 'slow down')],
] as const)('a call whose answer is %s is waited for once: then time without progress counts', async ([, failure]) => {
  const site = createSite()
  let calls = 0
  const { fleet } = site.process({ provider: { ensureGroup: () => Promise.reject(failure(++calls)) } })
  const rollout = await site.started(fleet, blueGreen({ bake: '30s' }))
  const began = site.world.now
  expect(await site.settled(rollout.run())).toMatchObject({
    outcome: 'rolled-back',
    reason: expect.stringContaining('no progress'),
  })
  expect(calls).toBeGreaterThan(2)
  expect(site.world.now - began).toBeLessThan(HOUR_MS)
})
