import { blueGreen, callFailed, canary, rolling, inPlace } from 'imago'
import { worldClock } from 'imago/testing'
import { expect, test } from 'vitest'
import { createSite, ofType, type ProcessSetUp, type Site } from '../kit/index.ts'

const SETTLE_MS = 15_000
const LOOK_MS = 10_000
const lost = (name: string) => Promise.reject(callFailed('unknown', name, 'no answer'))

const SWITCH = { strategy: blueGreen({ bake: '30s' }), given: {}, cloud: {} }
const COUNT = { strategy: canary({ weights: [34], bake: '30s' }), given: {}, cloud: { router: { weights: false } } }
const IN_PLACE = { strategy: rolling(), given: { groups: inPlace('web') }, cloud: {} }
const CALLS = [
  ['provider', 'hold', 'hold', SWITCH],
  ['router', 'prepare', 'prepare', SWITCH],
  ['provider', 'ensureGroup', 'ensure-group', SWITCH],
  ['router', 'setWeights', 'set-weights', SWITCH],
  ['router', 'leave', 'leave', SWITCH],
  ['router', 'release', 'release-route', SWITCH],
  ['provider', 'retire', 'retire', SWITCH],
  ['provider', 'release', 'release', SWITCH],
  ['provider', 'resize', 'resize', COUNT],
  ['router', 'leave', 'leave', COUNT],
  ['provider', 'remove', 'remove', COUNT],
  ['provider', 'ensureGroup', 'ensure-group', IN_PLACE],
  ['provider', 'remove', 'remove', IN_PLACE],
] as const

test.for(CALLS)(
  '%s.%s: a call that nobody answered, and which never landed, is asked for again once it should have been seen, and then is',
  async (given) => {
    const [port, call, kind, { strategy, given: more, cloud }] = given
    const site = createSite({ settleMs: SETTLE_MS, ...cloud })
    const rollout = await site.started(site.process({ ...more, ...firstLost(site, port, call) }).fleet, strategy)
    expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted' })
    const events = await site.events(rollout)
    const [first, second] = ofType(events, 'command.intended').filter((event) => event.command.kind === kind)
    expect((second?.at ?? Infinity) - (first?.at ?? 0)).toBeLessThanOrEqual(SETTLE_MS + LOOK_MS)
    const landed = events.find((event) => event.type === 'command.landed' && event.id === second?.id)
    expect((landed?.at ?? Infinity) - (second?.at ?? 0)).toBeLessThanOrEqual(SETTLE_MS + LOOK_MS)
    // A mark is asked for until another moment each time: it alone is another command.
    expect(second).toMatchObject(kind === 'hold' ? { attempt: 1 } : { id: first?.id, command: first?.command, attempt: 2 })
  },
)

/** A process whose first such call is lost on its way. */
function firstLost({ cloud }: Site, port: 'provider' | 'router', call: string): ProcessSetUp {
  let calls = 0
  const real = cloud[port] as unknown as Record<string, (...given: unknown[]) => Promise<never>>
  return { [port]: { [call]: (...given: unknown[]) => (calls++ === 0 ? lost(call) : real[call]!(...given)) } }
}

test.for([
  [true, 'costs no quiet time'],
  [false, 'is waited out before anything rests on it'],
] as const)('where writes name what they expect (%s), a shift whose answer was lost %s', async ([conditional]) => {
  const site = createSite({ router: { conditional } })
  const { setWeights } = site.cloud.router!
  let calls = 0
  const unheard: typeof setWeights = async (...given) => {
    const answer = await setWeights(...given)
    return calls++ === 0 ? await lost('setWeights') : answer
  }
  const rollout = await site.started(site.process({ router: { setWeights: unheard } }).fleet, SWITCH.strategy)
  const shifted = await site.until(rollout, (event) => event.type === 'command.unknown')
  await site.settled(rollout.rollback())
  const released = await site.until(
    rollout,
    (event) => event.type === 'command.intended' && event.command.kind === 'release-route',
  )
  const lateMs = 90_000
  if (conditional) expect(released.at - shifted.at).toBeLessThan(lateMs / 2)
  else expect(released.at - shifted.at).toBeGreaterThanOrEqual(lateMs)
})

test('a process that stood still while it waited to repeat a call looks again first', async () => {
  const site = createSite()
  const { provider } = site.cloud
  const clock = worldClock(site.world)
  const seen: string[] = []
  let [refuses, standsUntil] = [true, 0]
  const { fleet } = site.process({
    clock: {
      ...clock,
      async sleep(ms, signal) {
        await clock.sleep(ms, signal)
        // No timer of a process that stands still ends, and all do at once when it goes on.
        while (site.world.now < standsUntil) await clock.sleep(standsUntil - site.world.now)
      },
    },
    provider: {
      async describe(...given) {
        seen.push('look')
        return await provider.describe(...given)
      },
      async ensureGroup(...given) {
        seen.push('call')
        if (!refuses) return await provider.ensureGroup(...given)
        ;[refuses, standsUntil] = [false, site.world.now + 200_000]
        throw callFailed('throttled', 'ensureGroup', 'Not so fast.')
      },
    },
  })
  const rollout = await site.started(fleet, blueGreen({ bake: '1m', progressDeadline: '1h' }))
  expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted' })
  const first = seen.indexOf('call')
  expect(seen.slice(first, seen.indexOf('call', first + 1))).toContain('look')
})
