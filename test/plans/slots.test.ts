import { blueGreen, canary, rolling, slots, type RolloutSpec } from 'imago'
import { describe, expect, test } from 'vitest'
import { createSite, ofType, type Site, type SiteOptions } from '../kit/index.ts'

const GROUPS = slots('web', 'web-b')
const QUICK = blueGreen({ bake: '30s' })

function siteOfSlots(
  options: SiteOptions = {},
): Site & { roll(image: string, strategy?: RolloutSpec['strategy']): Promise<string> } {
  const site = createSite({ fleets: [{ groups: [{ id: 'web', image: 'img-1', size: 3 }], spare: 'web-b' }], ...options })
  return {
    ...site,
    process: (setUp = {}) => site.process({ groups: GROUPS, ...setUp }),
    async roll(image, strategy = QUICK) {
      const rollout = await site.started(site.process({ groups: GROUPS }).fleet, strategy, image)
      return (await site.settled(rollout.run())).outcome
    },
  }
}

/** What serves, and what the routes are like. */
function stands({ cloud: { truth } }: Site): string[] {
  const groups = [...truth.groups.values()].map(
    ({ id, release, sizes, holds }) => `${id} ${sizes[release]} of ${release}, ${holds.length} marks`,
  )
  const routes = [...truth.fleets.values()].flatMap((fleet) => [...fleet.routes.values()])
  return [...groups, ...routes.map((one) => `route ${one.binding} ${one.weight} to ${[...one.groups.keys()].join(' and ')}`)]
}

describe('two slots', () => {
  test('take turns: the other one is filled, the one that served is emptied, and both keep their routes', async () => {
    const site = siteOfSlots()
    expect(await site.roll('img-2')).toBe('promoted')
    expect(stands(site)).toEqual(['web-b 3 of img-2, 0 marks', 'route web 0 to web', 'route web-b 100 to web-b'])
    expect(await site.roll('img-3', canary({ weights: [34], bake: '30s' }))).toBe('promoted')
    expect(stands(site)).toEqual(['web 3 of img-3, 0 marks', 'route web 100 to web', 'route web-b 0 to web-b'])
  })

  test('on one route take turns by count', async () => {
    const site = siteOfSlots({ router: { weights: false } })
    expect(await site.roll('img-2', rolling())).toBe('promoted')
    expect(stands(site)).toEqual(['web-b 3 of img-2, 0 marks', 'route web 100 to web and web-b'])
  })

  test('a broken image is taken out of its slot again', async () => {
    const site = siteOfSlots()
    expect(await site.roll('img-sick')).toBe('rolled-back')
    expect(stands(site)).toEqual(['web 3 of img-1, 0 marks', 'route web 100 to web', 'route web-b 0 to web-b'])
  })

  test('no group is made or joined or left, no route is made or removed', async () => {
    const site = siteOfSlots()
    const rollout = await site.started(site.process().fleet, QUICK)
    await site.settled(rollout.run())
    const kinds = ofType(await site.events(rollout), 'command.intended').map(({ command }) => command.kind)
    expect([...new Set(kinds)].toSorted()).toEqual(['ensure-group', 'hold', 'leave', 'release', 'retire', 'set-weights'])
  })
})

describe('back to a slot that was begun to be emptied', () => {
  test('it is filled anew, once it is empty and nothing of before can still land', async () => {
    const site = siteOfSlots({ terminateMs: [60_000, 60_000], readyDeadlineMs: 300_000, conditional: false })
    const rollout = await site.started(site.process().fleet, QUICK)
    await site.until(rollout, (event) => event.type === 'command.intended' && event.command.kind === 'leave')
    await site.settled(rollout.rollback({ reason: 'it is slow' }))
    const report = await site.settled(rollout.run())
    expect(report).toMatchObject({ outcome: 'rolled-back', next: 'web#2 serves alone, as before the rollout' })
    expect(stands(site)).toEqual(['web 3 of img-1, 0 marks', 'route web 100 to web', 'route web-b 0 to web-b'])
    const told = (await site.events(rollout)).flatMap((event) => {
      if (event.type === 'generation.retired') return `${event.generation} is gone`
      if (event.type === 'command.intended' && event.command.kind === 'ensure-group') return `${event.command.group} is filled`
      return []
    })
    expect(told).toEqual(['web-b is filled', 'web is gone', 'web is filled', 'web-b is gone'])
  })
})

describe('a slot that is to be empty and is not', () => {
  test('after an abort is emptied by a sweep', async () => {
    const site = siteOfSlots()
    const { fleet, imago } = site.process()
    const rollout = await site.started(fleet, QUICK)
    await site.until(rollout, (event) => event.type === 'waypoint.ready')
    await site.settled(rollout.abort())
    const { next } = await site.settled(rollout.run())
    expect(next).toBe('web-b is kept for inspection; sweep retires it')
    const error = await site.refused(fleet.plan({ image: 'img-3', strategy: QUICK }), 'adoption-refused')
    expect(error.facts).toMatchObject({
      found: `web-b, the slot that is to be empty, with 3 instances, left so by ${rollout.id}`,
      choices: ['sweep the fleet, which empties it once its marks have run out', 'scale it to 0'],
    })
    await site.settled(imago.sweep())
    expect(stands(site)).toEqual(['web 3 of img-1, 0 marks', 'route web 100 to web', 'route web-b 0 to web-b'])
    expect(await site.roll('img-3')).toBe('promoted')
  })
})

describe('slots that cannot be rolled in this way', () => {
  test('one that is named twice is refused as it is declared', () => {
    const declared = () => siteOfSlots().process({ groups: slots('web', 'web') })
    expect(declared).toThrow(/groups: .*two slots with different names/)
  })

  test('one that is being filled by somebody else says what to do, though nobody is there yet', async () => {
    const site = siteOfSlots()
    const look = async (...given: Parameters<typeof site.cloud.provider.describe>) => {
      const seen = await site.cloud.provider.describe(...given)
      const [web] = seen.groups
      return { ...seen, groups: [...seen.groups, { ...web!, id: 'web-b', holds: [], instances: [] }] }
    }
    const { fleet } = site.process({ provider: { describe: look } })
    const error = await site.refused(fleet.plan({ image: 'img-2', strategy: QUICK }), 'adoption-refused')
    expect(error.facts.choices).toEqual(['scale it to 0'])
  })

  test.for([
    ['a route each, by count', {}, rolling(), /^web leads to web, and web-b to web-b, to be rolled by count/],
    ['no second one', { fleets: [{ groups: [{ id: 'web', image: 'img-1', size: 3 }] }] }, QUICK, /and no route to web-b/],
  ] as const)('%s', async ([, options, strategy, found]) => {
    const site = siteOfSlots(options)
    const error = await site.refused(site.process().fleet.plan({ image: 'img-2', strategy }), 'unsupported')
    expect(error.facts.problems).toEqual([{ path: 'groups', found: expect.stringMatching(found), allowed: expect.any(String) }])
  })

  test('one that its owner deletes in the middle cannot be filled: the fleet stays as it is, and it is said', async () => {
    const site = siteOfSlots({ image: { kind: 'never-healthy' } })
    const rollout = await site.started(site.process().fleet, QUICK)
    await site.until(rollout, (event) => event.type === 'generation.created')
    site.cloud.people.deleteGroup('web-b')
    expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'rolled-back' })
    expect(stands(site)[0]).toBe('web 3 of img-1, 0 marks')
  })

  test('the one that served is deleted, and the other does not serve: the way back ends, and says what it lacks', async () => {
    const site = siteOfSlots({ image: { kind: 'never-healthy' } })
    const rollout = await site.started(site.process().fleet, QUICK)
    await site.until(rollout, (event) => event.type === 'generation.created')
    site.cloud.people.deleteGroup('web')
    const report = await site.settled(rollout.run())
    expect(report).toMatchObject({ outcome: 'rollback-failed', reason: expect.stringContaining('There is no slot web.') })
  })
})

test('a slot that is gone, the other one fed by an autoscaler: the way back fails, and is not waited for without end', async () => {
  const site = siteOfSlots({ router: { weights: false }, autoscaler: { periodMs: 60_000 }, image: { kind: 'never-healthy' } })
  const rollout = await site.started(
    site.process().fleet,
    canary({ weights: [50], bake: '1h', progressDeadline: '10m' }),
    'img-2',
  )
  await site.until(rollout, (event) => event.type === 'generation.created')
  site.cloud.people.deleteGroup('web')
  expect((await site.settled(rollout.run())).outcome).toBe('rollback-failed')
})
