import { callFailed, canary, clone, inPlace, rolling } from 'imago'
import { describe, expect, test } from 'vitest'
import { createSite, ofType, type ProcessSetUp, type Site } from '../kit/index.ts'

const WAYS = {
  'by weights': { strategy: canary({ weights: [34], bake: '1m' }), cloud: {}, route: 'web-v001' },
  'by count': { strategy: canary({ weights: [34], bake: '1m' }), cloud: { router: { weights: false } }, route: 'web' },
} as const

describe.for(Object.keys(WAYS) as (keyof typeof WAYS)[])('%s', (way) => {
  const { strategy, cloud, route } = WAYS[way]
  const begun = async (site: Site, setUp: ProcessSetUp = {}) => await site.started(site.process(setUp).fleet, strategy)

  test('a group that was created in part, and joined to nothing, is completed', async () => {
    const site = createSite({ ...cloud, faults: { kinds: [11], rates: { 11: 1 } } })
    const rollout = await begun(site)
    expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted' })
    expect(ofType(await site.events(rollout), 'command.unknown')).not.toEqual([])
  })

  test('a candidate that somebody took out of its route is joined again, also if the first answer is lost', async () => {
    const site = createSite(cloud)
    const { join } = site.cloud.router!
    let lost = 0
    const rollout = await begun(site, {
      router: {
        join: (...given) => (lost++ === 0 ? Promise.reject(callFailed('unknown', 'join', 'no answer')) : join(...given)),
      },
    })
    await site.until(rollout, (event) => event.type === 'waypoint.ready')
    await takenOut(site, route, 'web-v001')
    expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted' })
    expect(lost).toBe(2)
  })

  test('stable, taken out of its route, is joined again on the way back', async () => {
    const site = createSite(cloud)
    const rollout = await begun(site)
    await site.until(rollout, (event) => event.type === 'waypoint.ready')
    await takenOut(site, 'web', 'web')
    await site.settled(rollout.rollback())
    expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'rolled-back' })
    const routes = [...site.cloud.truth.fleets.values()].flatMap((fleet) => [...fleet.routes.values()])
    expect(routes.map((one) => [one.binding, one.weight, [...one.groups.keys()]])).toEqual([['web', 100, ['web']]])
  })
})

test.for([
  ['clone, by weights', clone({ adopt: 'web' }), canary({ weights: [34] }), {}],
  ['clone, by count', clone({ adopt: 'web' }), rolling(), { router: { weights: false } }],
  ['in place', inPlace('web'), rolling(), {}],
] as const)('a fleet (%s) to which no route leads is not planned: it could neither go there nor back', async (given) => {
  const [, groups, strategy, cloud] = given
  const site = createSite(cloud)
  await takenOut(site, 'web', 'web')
  const refused = await site.refused(site.process({ groups }).fleet.plan({ image: 'img-2', strategy }), 'adoption-refused')
  expect(refused.facts).toMatchObject({
    found: 'web, to which no route of its router leads',
    choices: ['join it to the route that is meant for it', 'declare the fleet without `traffic`'],
  })
})

/** Somebody takes a group out of a route. */
async function takenOut({ cloud, settled }: Site, binding: string, group: string): Promise<void> {
  const target = { name: 'web', placement: { kind: 'clone', adopt: 'web' }, handles: [] } as const
  const context = { signal: new AbortController().signal, token: 'somebody' }
  await settled(cloud.router!.leave(target, binding, group, 'all', context))
}
