import { callFailed, canary } from 'imago'
import { describe, expect, test } from 'vitest'
import { createSite, type Site } from '../kit/index.ts'

const WAYS = {
  'by weights': { strategy: canary({ weights: [34], bake: '10m' }), cloud: {}, first: 'web-v001' },
  'by count': { strategy: canary({ weights: [34], bake: '10m' }), cloud: { router: { weights: false } }, first: 'web' },
} as const

describe.for(Object.keys(WAYS) as (keyof typeof WAYS)[])('%s, a group that somebody deletes', (way) => {
  const { strategy, cloud, first } = WAYS[way]
  const begun = async (deletes: string) => {
    const site = createSite({ settleMs: 20_000, ...cloud })
    const rollout = await site.started(site.process().fleet, strategy)
    await site.until(rollout, (event) => event.type === 'waypoint.ready')
    site.cloud.people.deleteGroup(deletes)
    return { site, rollout }
  }

  test('the candidate: back to stable, and the route of the candidate goes', async () => {
    const { site, rollout } = await begun('web-v001')
    const report = await site.settled(rollout.run())
    expect(report).toMatchObject({ outcome: 'rolled-back', reason: 'web-v001 was deleted by somebody else' })
    expect(there(site)).toEqual(['group web', 'route web 100'])
  })

  test('stable: all traffic to the candidate, and the route of stable goes if it was its own', async () => {
    const { site, rollout } = await begun('web')
    const report = await site.settled(rollout.run())
    expect(report).toMatchObject({ outcome: 'failed', reason: 'web was deleted by somebody else' })
    expect(there(site)).toEqual(['group web-v001', `route ${first} 100`])
  })

  test('stable, while the candidate does not serve: the recorded release is built anew', async () => {
    const site = createSite({ settleMs: 20_000, ...cloud, image: { kind: 'never-healthy' } })
    const rollout = await site.started(site.process().fleet, strategy)
    await site.until(rollout, (event) => event.type === 'generation.created')
    site.cloud.people.deleteGroup('web')
    const reason = 'web was deleted by somebody else and the candidate does not serve'
    expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'rolled-back', reason })
    expect(there(site)).toEqual(['group web-v002', `route ${way === 'by count' ? 'web' : 'web-v002'} 100`])
  })
})

test('stable, while the candidate is on its way out: what is being retired saves nothing, and the recorded release is built anew', async () => {
  const site = createSite({ settleMs: 20_000 })
  const rollout = await site.started(site.process().fleet, WAYS['by weights'].strategy)
  await site.until(rollout, (event) => event.type === 'waypoint.ready')
  await site.settled(rollout.rollback())
  await site.until(rollout, (event) => event.type === 'command.intended' && event.command.kind === 'leave')
  site.cloud.people.deleteGroup('web')
  expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'rolled-back' })
  expect(there(site)).toEqual(['group web-v002', 'route web-v002 100'])
})

test('what was refused of a group that is deleted since keeps nobody waiting for more refusals', async () => {
  const site = createSite({ image: { kind: 'never-healthy' }, unhealthyMs: 1e9 })
  const gone = () => Promise.reject(callFailed('not-found', 'resize', 'there is no such group'))
  const { fleet } = site.process({ provider: { resize: gone } })
  const rollout = await site.started(fleet, WAYS['by weights'].strategy)
  await site.until(rollout, (event) => event.type === 'generation.created')
  site.cloud.people.resize('web', 2)
  await site.until(rollout, (event) => event.type === 'command.refused')
  site.cloud.people.deleteGroup('web')
  site.world.images.publish('img-1', { kind: 'never-healthy' })
  const reason = 'no progress towards return for 1m'
  expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'rollback-failed', reason })
})

test('a group that looks do not show for a while is not lost', async () => {
  const site = createSite({ settleMs: 60_000 })
  let hidden = false
  const { describe: look } = site.cloud.provider
  const { fleet } = site.process({
    provider: {
      async describe(...given) {
        const seen = await look(...given)
        return hidden ? { ...seen, groups: seen.groups.filter((group) => group.id !== 'web-v001') } : seen
      },
    },
  })
  const rollout = await site.started(fleet, canary({ weights: [34], bake: '10m' }))
  await site.until(rollout, (event) => event.type === 'waypoint.ready')
  for (let time = 0; time < 3; time++) {
    hidden = true
    await site.turns(rollout, 5)
    hidden = false
    await site.turns(rollout, 2)
  }
  const missed = (await site.events(rollout)).filter((event) => event.type === 'generation.missing')
  expect(missed).toMatchObject(Array.from({ length: 3 }, () => ({ generation: 'web-v001' })))
  expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted' })
})

/** Groups and routes that are there, and the weights of the routes. */
function there({ cloud }: Site): string[] {
  return [...cloud.truth.fleets.values()].flatMap((fleet) => [
    ...[...fleet.groups.keys()].map((group) => `group ${group}`),
    ...[...fleet.routes.values()].map((route) => `route ${route.binding} ${route.weight}`),
  ])
}
