import {
  canary,
  clone,
  defineStrategy,
  inPlace,
  isRolloutError,
  rolling,
  verify,
  type ErrorCode,
  type FleetProvider,
  type Plan,
} from 'imago'
import { describe, expect, test } from 'vitest'
import { createSite, pathsOf, type Site } from '../kit/index.ts'

const STRATEGY = canary({ weights: [34], bake: '30s' })
const SPEC = { image: 'img-2', strategy: STRATEGY } as const
const json = (plan: Plan) => JSON.parse(JSON.stringify(plan)) as Record<string, unknown>

async function planned(site: Site) {
  const { fleet, imago } = site.process()
  return { fleet, imago, plan: await site.settled(fleet.plan(SPEC)) }
}

describe('the JSON of a plan', () => {
  test('is the plan: the same world gives the same, and it is started by another process', async () => {
    const site = createSite()
    const { fleet, plan } = await planned(site)
    expect(json(await site.settled(fleet.plan(SPEC)))).toEqual(json(plan))
    const other = site.process().fleet
    const rollout = await site.settled(other.start(JSON.stringify(plan)))
    expect((await site.settled(rollout.run())).outcome).toBe('promoted')
  })
  test('may come back with its keys in another order', async () => {
    const site = createSite()
    const { fleet, plan } = await planned(site)
    const shuffled = Object.fromEntries(Object.entries(json(plan)).toReversed())
    expect((await site.settled(fleet.start(JSON.stringify(shuffled)))).state.plan.id).toBe(plan.id)
  })
  test('says what was asked for; what was asked for and what is sealed stay out of journal and events', async () => {
    const site = createSite({ aliases: { latest: 'img-2' } })
    const { fleet } = site.process()
    const launch = { password: 'hunter2' }
    const plan = await site.settled(fleet.plan({ image: 'latest', launch, strategy: STRATEGY }))
    expect(plan).toMatchObject({ image: { id: 'img-2' }, alias: { alias: 'latest' }, asked: { image: 'latest', launch } })
    expect(plan.toString()).toContain('(tag latest, resolved when planned)')
    expect(plan.toString()).not.toContain('hunter2')
    const rollout = await site.settled(fleet.start(plan))
    expect(JSON.stringify(rollout.state)).not.toContain('hunter2')
  })
})

const RUBBISH: readonly (readonly [
  what: string,
  change: (plan: Record<string, unknown>) => unknown,
  code: ErrorCode,
  path?: string,
])[] = [
  ['no JSON', () => 'img-2', 'spec-invalid', ''],
  ['no object', () => '[]', 'spec-invalid', ''],
  ['nothing', () => undefined, 'spec-invalid', ''],
  ['a version and nothing else', () => '{"v":1}', 'spec-invalid', 'id'],
  ['half of it', (plan) => ({ v: 1, id: plan['id'], waypoints: [], back: [] }), 'spec-invalid', 'id'],
  ['another floor under the old id', (plan) => ({ ...plan, floor: '0%' }), 'spec-invalid', 'id'],
  ['no version', ({ v: _v, ...plan }) => plan, 'spec-invalid', 'v'],
  ['a newer version', (plan) => ({ ...plan, v: 2 }), 'format-newer'],
]

test.for(RUBBISH)('what is no plan is refused: %s', async ([, change, code, path]) => {
  const site = createSite()
  const { fleet, plan } = await planned(site)
  const given = change(json(plan))
  const error = await site.refused(fleet.start(typeof given === 'string' ? given : JSON.stringify(given)), code)
  if (isRolloutError(error, 'spec-invalid')) expect(pathsOf(error)).toEqual([path])
})

describe('a plan is refused where it does not belong', () => {
  test('in another store', async () => {
    const site = createSite()
    const { plan } = await planned(site)
    const other = site.process({ store: site.newStore() }).fleet
    expect(pathsOf(await site.refused(other.start(plan), 'spec-invalid'))).toEqual(['fleet.store'])
  })
  test('by a process that lacks a check it names; nothing is journaled, so the next may start it', async () => {
    const site = createSite()
    const has = site.process({ checks: { smoke: () => true } })
    const plan = await site.settled(has.fleet.plan({ image: 'img-2', strategy: canary({ weights: [34], verify: ['smoke'] }) }))
    const { facts } = await site.refused(site.process().fleet.start(plan), 'name-unknown')
    expect(facts).toMatchObject({ kind: 'check', name: 'smoke' })
    expect((await site.settled(has.fleet.start(plan))).id).toMatch(/#1$/)
  })
  test.for([
    ['a probe', { health: { probes: [{ check: 'smoke' }] } }],
    ['a drain hook', { drain: { hook: { check: 'smoke' } } }],
  ] as const)('by a process that lacks the check of %s', async ([, spec]) => {
    const site = createSite()
    const has = site.process({ checks: { smoke: () => true }, spec })
    const plan = await site.settled(has.fleet.plan(SPEC))
    await site.refused(site.process().fleet.start(plan), 'name-unknown')
    const rollout = await site.settled(has.fleet.start(plan))
    const same = await site.settled(site.process().imago.rollout(rollout.id))
    await site.refused(same.tick(), 'name-unknown')
  })
  test('by a process that declares the fleet otherwise', async () => {
    const site = createSite()
    const { plan } = await planned(site)
    const { facts } = await site.refused(site.process({ groups: inPlace('web') }).fleet.start(plan), 'plan-stale')
    expect(facts.differences.map((one) => one.path)).toEqual(['fleet.placement'])
  })
  test('while a rollout of another store claims the fleet, also since it was planned', async () => {
    const site = createSite()
    const { fleet, plan } = await planned(site)
    const other = site.process({ store: site.newStore() })
    const rollout = await site.settled(
      other.fleet.plan({ image: 'img-3', strategy: STRATEGY }).then((one) => other.fleet.start(one)),
    )
    await site.settled(rollout.tick())
    const { facts } = await site.refused(fleet.start(plan), 'adoption-refused')
    expect(facts.found).toContain(rollout.id)
  })
})

describe('a plan that the world has left behind', () => {
  test('expires', async () => {
    const site = createSite()
    const { fleet } = site.process()
    const plan = await site.settled(fleet.plan({ ...SPEC, expires: '1h' }))
    await site.pass(3_600_001)
    const { facts } = await site.refused(fleet.start(plan), 'plan-expired')
    expect(facts.expiredAt).toBe(plan.createdAt + 3_600_000)
    const rollout = await site.settled(fleet.start(plan, { ifStale: 'replan' }))
    expect(rollout.state.plan.createdAt).toBeGreaterThan(plan.expiresAt)
  })
  test('is refused with the differences; told to, it is made anew for the world of now', async () => {
    const site = createSite()
    const { fleet, plan } = await planned(site)
    const other = site.process({ name: 'same-web' }).fleet
    expect((await site.settled(other.roll({ image: 'img-3', strategy: STRATEGY }))).outcome).toBe('promoted')
    const error = await site.refused(fleet.start(plan), 'plan-stale')
    expect(error.facts.differences.map((one) => one.path)).toContain('groups[0].id')
    expect(error.message).toContain("{ ifStale: 'replan' }")
    const rollout = await site.settled(fleet.start(JSON.stringify(plan), { ifStale: 'replan' }))
    expect(rollout.state.plan).toMatchObject({ stable: { release: { id: 'img-3' } }, candidate: { release: { id: 'img-2' } } })
    expect(rollout.state.plan.strategy).toEqual(plan.strategy)
    expect((await site.settled(rollout.run())).outcome).toBe('promoted')
  })
  test('by an alias that points elsewhere by now, is still started with the image it was resolved to', async () => {
    const aliases: Record<string, string> = { latest: 'img-2' }
    const site = createSite({ aliases })
    const { fleet } = site.process()
    const plan = await site.settled(fleet.plan({ image: 'latest', expires: '1h', strategy: STRATEGY }))
    aliases['latest'] = 'img-3'
    const rollout = await site.settled(fleet.start(plan))
    expect(rollout.state.plan.image.id).toBe('img-2')
    await site.settled(rollout.abort().then(() => rollout.run()))
    await site.pass(3_600_001)
    const anew = await site.settled(fleet.start(plan, { ifStale: 'replan' }))
    expect(anew.state.plan.image.id).toBe('img-3')
  })
  test('by a changed size alone is started', async () => {
    const site = createSite()
    const { fleet, plan } = await planned(site)
    const { provider } = site.cloud
    const target = { name: 'web', placement: clone({ adopt: 'web' }), handles: [] }
    const context = { signal: new AbortController().signal, token: 'ada' }
    await site.settled(provider.resize(target, 'web', { 'img-1': 5 }, undefined, context))
    expect((await site.settled(fleet.start(plan))).state.plan.id).toBe(plan.id)
  })
  test('because its image was withdrawn is refused, with what to do', async () => {
    const site = createSite()
    const { fleet, plan } = await planned(site)
    site.world.images.withdraw('img-2')
    const error = await site.refused(fleet.start(plan), 'plan-stale')
    expect(error.facts.differences).toEqual([
      expect.objectContaining({ path: 'image', found: expect.stringContaining('no image sim:img-2') }),
    ])
    expect(pathsOf(await site.refused(fleet.start(plan, { ifStale: 'replan' }), 'spec-invalid'))).toEqual(['image'])
  })
  test('because its image can no longer be launched is refused, with why', async () => {
    const site = createSite()
    const { plan } = await planned(site)
    const provider: Partial<FleetProvider> = {
      resolve: async (...asked) => ({ ...(await site.cloud.provider.resolve(...asked)), obstacles: ['it is deprecated'] }),
    }
    const { facts } = await site.refused(site.process({ provider }).fleet.start(plan), 'plan-stale')
    expect(facts.differences).toEqual([{ path: 'image', found: 'it is deprecated', allowed: 'sim:img-2 as it was' }])
  })
  test('by a strategy of one’s own is not made anew by another', async () => {
    const site = createSite()
    const { fleet } = site.process({ checks: { smoke: () => true } })
    const rolls = rolling()
    const strategy = defineStrategy({
      name: 'mine',
      version: 1,
      options: {},
      plan(_options, context) {
        const course = rolls.plan(context)
        return {
          ...course,
          waypoints: course.waypoints.map((one, index) =>
            index === 0 ? { ...one, gates: [...one.gates, verify('smoke')] } : one,
          ),
        }
      },
    })
    const plan = await site.settled(fleet.plan({ image: 'img-2', strategy, expires: '1h' }))
    await site.pass(3_600_001)
    await site.refused(fleet.start(plan, { ifStale: 'replan' }), 'plan-expired')
  })
})
