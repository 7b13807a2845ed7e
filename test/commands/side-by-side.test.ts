import { blueGreen, callFailed, canary, inPlace, rolling, type RolloutEvent } from 'imago'
import { expect, test } from 'vitest'
import { createSite, ofType } from '../kit/index.ts'

test.for([
  ['rolling in place', rolling({ maxSurge: 1 }), { groups: inPlace('web') }],
  ['canary by count', canary({ weights: [34, 67], bake: '30s' }), {}],
] as const)('%s: a minimum that was left behind is raised in a turn that leaves the size of its group alone', async (given) => {
  const [, strategy, more] = given
  const site = createSite({ autoscaler: { periodMs: 60_000 }, router: { weights: false } })
  const { provider } = site.cloud
  // The second half of growing has been lost each time: whoever looks finds the size, and not its minimum.
  let behind = 0
  const { fleet } = site.process({
    ...more,
    provider: {
      resize: (...call) => provider.resize(...call).finally(() => behind++),
      ensureGroup: (...call) => provider.ensureGroup(...call).finally(() => behind++),
      hold: (...call) => provider.hold(...call).finally(() => (behind = call[3] === undefined ? behind : 0)),
      async describe(...call) {
        const look = await provider.describe(...call)
        const groups = look.groups.map((group) => (behind === 0 ? group : { ...group, min: Math.max(0, group.min - 1) }))
        return { ...look, groups }
      },
    },
  })
  const rollout = await site.started(fleet, strategy)
  expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted' })
  const turns = turnsOf(await site.events(rollout))
  expect(turns.some(({ raised }) => raised.length > 0)).toBe(true)
  expect(turns.flatMap(({ raised, sized }) => raised.filter((group) => sized.includes(group)))).toEqual([])
})

test.for([
  ['canary of clones', canary({ weights: [34, 67], bake: '30s' }), {}],
  ['rolling in place', rolling({ maxSurge: 1 }), { groups: inPlace('web') }],
] as const)('%s: where marks are part of a group no turn writes two marks of it, or a mark and its size', async (given) => {
  const [, strategy, more] = given
  const site = createSite({ autoscaler: { periodMs: 60_000 }, marksInGroup: true })
  const { fleet } = site.process(more)
  const rollout = await site.started(fleet, strategy)
  expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted' })
  const events = await site.events(rollout)
  const turns = Map.groupBy(ofType(events, 'command.intended'), (event) => event.at)
  for (const intents of turns.values()) {
    const changed = intents.flatMap(({ command }) => ('group' in command && !OF_ROUTER.has(command.kind) ? [command.group] : []))
    expect(changed).toEqual([...new Set(changed)])
  }
  expect(ofType(events, 'command.refused')).toEqual([])
})

test('a group that its maker left in part is made whole, though what its minimum is written to is not there yet', async () => {
  const site = createSite({ autoscaler: { periodMs: 60_000 }, marksInGroup: true })
  const { provider } = site.cloud
  let made = 0
  const { fleet } = site.process({
    provider: {
      async ensureGroup(...call) {
        const accepted = await provider.ensureGroup(...call)
        if (++made === 1) throw callFailed('unknown', 'ensureGroup', 'The connection was lost.')
        return accepted
      },
      hold: (...call) => (made === 1 && call[1] !== 'web' ? Promise.resolve({}) : provider.hold(...call)),
      async describe(...call) {
        const look = await provider.describe(...call)
        const groups = look.groups.map((group) => (made === 1 && group.id !== 'web' ? { ...group, partial: true } : group))
        return { ...look, groups }
      },
    },
  })
  const rollout = await site.started(fleet, blueGreen({ bake: '30s' }))
  expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted' })
  expect(made).toBe(2)
})

/** What changes the members of a route, and not the group. */
const OF_ROUTER = new Set(['join', 'leave'])

/** Groups of which each turn writes the minimum as a hold, and the size. */
function turnsOf(events: readonly RolloutEvent[]) {
  const turns = Map.groupBy(ofType(events, 'command.intended'), (event) => event.at)
  return [...turns.values()].map((intents) => {
    const commands = intents.map((event) => event.command)
    return {
      raised: commands.flatMap((one) => (one.kind === 'hold' && one.min !== undefined ? [one.group] : [])),
      sized: commands.flatMap((one) =>
        one.kind === 'resize' || one.kind === 'remove' || one.kind === 'ensure-group' ? [one.group] : [],
      ),
    }
  })
}
