import { blueGreen, canary, inPlace, rolling, type Rollout } from 'imago'
import { expect, test } from 'vitest'
import { createSite, ofType, type Site } from '../kit/index.ts'

const IN_PLACE = { groups: inPlace('web') }
const WAYS = {
  'blue/green': [blueGreen({ bake: '1m' }), {}, {}],
  canary: [canary({ weights: [34], bake: '1m' }), {}, {}],
  'canary by count': [canary({ weights: [34], bake: '1m' }), {}, { router: { weights: false } }],
  'rolling in place': [rolling({ maxSurge: 2 }), IN_PLACE, {}],
  'rolling in place, without a router': [rolling(), IN_PLACE, { router: false, conditional: false }],
} as const
const ENDS = ['promoted', 'rolled-back', 'aborted'] as const
const cases = (Object.keys(WAYS) as (keyof typeof WAYS)[]).flatMap((way) => ENDS.map((end) => [way, end] as const))

test.for(cases)('%s, %s: all that is asked for is seen to land', async ([way, end]) => {
  const [strategy, given, cloud] = WAYS[way]
  const site = createSite({ settleMs: 20_000, autoscaler: { periodMs: 60_000 }, ...cloud })
  const rollout = await site.started(site.process(given).fleet, strategy)
  await site.until(rollout, (event) => event.type === 'waypoint.reached')
  if (end === 'rolled-back') await site.settled(rollout.rollback())
  if (end === 'aborted') await site.settled(rollout.abort())
  expect(await site.settled(rollout.run())).toMatchObject({ outcome: end })
  await allSeen(site, rollout)
})

test('a size that stood for nobody is seen to be lowered', async () => {
  const site = createSite({ settleMs: 20_000, image: { kind: 'boot-loop' }, healMs: 1e9 })
  const rollout = await site.started(site.process(IN_PLACE).fleet, rolling())
  await site.until(rollout, (event) => event.type === 'launch.failed')
  await site.settled(rollout.rollback())
  expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'rolled-back' })
  const asked = ofType(await site.events(rollout), 'command.intended').map((event) => event.command)
  expect(asked).toContainEqual({ kind: 'remove', group: 'web', instances: [], sizesAfter: { 'img-1': 3 } })
  await allSeen(site, rollout)
})

/** No change is given up, taken for done without having been seen, or taken for somebody else's. */
async function allSeen(site: Site, rollout: Rollout): Promise<void> {
  const events = await site.events(rollout)
  const idsOf = (type: 'command.intended' | 'command.landed' | 'command.lapsed') => ofType(events, type).map((event) => event.id)
  expect(idsOf('command.landed').toSorted()).toEqual(idsOf('command.intended').toSorted())
  expect(idsOf('command.lapsed')).toEqual([])
  expect(ofType(events, 'traffic.disturbed')).toEqual([])
}
