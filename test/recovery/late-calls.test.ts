import { blueGreen, callFailed, rolling } from 'imago'
import { describe, expect, test } from 'vitest'
import { createSite, type ProcessSetUp, type Site } from '../kit/index.ts'

/** Almost all that a call may take and the cloud's horizon after it: the moment before one whose answer was lost can no longer land. */
const LATE_MS = 89_000
const never = () => new Promise<never>(() => undefined)

/** Calls that bring something into the world. A group that has no route of its own is not kept out by its route being gone. */
const CREATIONS = {
  hold: { strategy: blueGreen({ bake: '1h' }), cloud: {} },
  prepare: { strategy: blueGreen({ bake: '1h' }), cloud: {} },
  ensureGroup: { strategy: rolling(), cloud: { router: { weights: false } } },
} as const
type Creation = keyof typeof CREATIONS

/** A process whose first call of a kind is answered by `answer`, and lands late. */
function firstIsLate({ world, cloud: { provider, router } }: Site, kind: Creation, answer: () => Promise<never>): ProcessSetUp {
  let calls = 0
  const late = <Given extends unknown[], Answer>(call: (...given: Given) => Promise<Answer>) => {
    return async (...given: Given): Promise<Answer> => {
      if (calls++ > 0) return await call(...given)
      // Nobody hears any more whether the cloud still takes it.
      void world.clock.sleep(LATE_MS).then(() => call(...given).catch(() => undefined))
      return await answer()
    }
  }
  switch (kind) {
    case 'hold':
      return { provider: { hold: late(provider.hold) } }
    case 'prepare':
      return { router: { prepare: late(router!.prepare) } }
    case 'ensureGroup':
      return { provider: { ensureGroup: late(provider.ensureGroup) } }
  }
}

describe.for(Object.keys(CREATIONS) as Creation[])('%s, which lands as late as it may', (kind) => {
  const { strategy, cloud } = CREATIONS[kind]

  test('although its process died: nothing of it is left when somebody else has gone back', async () => {
    const site = createSite(cloud)
    const is = { dead: false }
    const append: typeof site.store.append = (...given) => (is.dead ? never() : site.store.append(...given))
    const dying = firstIsLate(site, kind, () => ((is.dead = true), never()))
    const rollout = await site.started(site.process({ ...dying, store: { ...site.store, append } }).fleet, strategy)
    void rollout.run()
    while (!is.dead) await site.pass(1_000)
    await site.pass(40_000)
    const found = await site.settled(site.process().imago.rollout(rollout.id))
    await site.settled(found.rollback())
    expect(await site.settled(found.run())).toMatchObject({ outcome: 'rolled-back' })
    await site.pass(300_000)
    expect(remains(site)).toEqual(['group web', 'route web'])
  })

  test('although it was asked for again and granted: nothing of it is left after the way back', async () => {
    const site = createSite(cloud)
    const lost = () => Promise.reject(callFailed('unknown', kind, 'no answer'))
    const rollout = await site.started(site.process(firstIsLate(site, kind, lost)).fleet, strategy)
    await site.until(rollout, (event) => event.type === 'command.unknown')
    await site.turns(rollout, 2)
    await site.settled(rollout.rollback())
    expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'rolled-back' })
    await site.pass(300_000)
    expect(remains(site)).toEqual(['group web', 'route web'])
  })
})

test('a group that somebody deleted, and a late call brings back, is retired', async () => {
  const site = createSite(CREATIONS.ensureGroup.cloud)
  const lost = () => Promise.reject(callFailed('unknown', 'ensureGroup', 'no answer'))
  const { fleet } = site.process(firstIsLate(site, 'ensureGroup', lost))
  const rollout = await site.started(fleet, CREATIONS.ensureGroup.strategy)
  await site.until(rollout, (event) => event.type === 'generation.created')
  site.cloud.people.deleteGroup('web-v001')
  const reason = 'web-v001 was deleted by somebody else'
  expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'rolled-back', reason })
  await site.pass(300_000)
  expect(remains(site)).toEqual(['group web', 'route web'])
})

test('a release that lands once more does so before the end: it takes no mark of the rollout that comes after', async () => {
  const site = createSite()
  const { provider } = site.cloud
  let landedLastAt = 0
  const release: typeof provider.release = async (...given) => {
    await provider.release(...given)
    if (landedLastAt > 0) return {}
    void site.world.clock.sleep(LATE_MS).then(() => {
      landedLastAt = site.world.now
      void provider.release(...given)
    })
    landedLastAt = site.world.now
    throw callFailed('unknown', 'release', 'no answer')
  }
  const rollout = await site.started(site.process({ provider: { release } }).fleet, rolling())
  expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted' })
  const endedAt = site.world.now
  await site.pass(300_000)
  expect(landedLastAt).toBeGreaterThan(0)
  expect(endedAt).toBeGreaterThanOrEqual(landedLastAt)
})

test('a retirement whose answer was lost lands before an abort ends: whoever comes after may let the group serve again', async () => {
  const site = createSite()
  const { provider } = site.cloud
  let landedAt = 0
  const retire: typeof provider.retire = async (...given) => {
    void site.world.clock.sleep(LATE_MS).then(() => {
      landedAt = site.world.now
      return provider.retire(...given)
    })
    throw callFailed('unknown', 'retire', 'no answer')
  }
  const rollout = await site.started(site.process({ provider: { retire } }).fleet, blueGreen({ bake: '1s' }))
  await site.until(rollout, (event) => event.type === 'command.unknown')
  await site.settled(rollout.abort())
  expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'aborted' })
  const endedAt = site.world.now
  await site.pass(300_000)
  expect(landedAt).toBeGreaterThan(0)
  expect(endedAt).toBeGreaterThanOrEqual(landedAt)
})

/** Groups, marks and routes that are there. */
function remains({ cloud }: Site): string[] {
  const groups = [...cloud.truth.groups.values()]
  const routes = [...cloud.truth.fleets.values()].flatMap((fleet) => [...fleet.routes.keys()])
  return [
    ...groups.map((group) => `group ${group.id}`),
    ...groups.flatMap((group) => group.holds.map((hold) => `${hold.kind} on ${group.id}`)),
    ...routes.map((route) => `route ${route}`),
  ]
}
