import { blueGreen, canary, inPlace, rolling, type Check, type Rollout } from 'imago'
import { describe, expect, test } from 'vitest'
import { createSite, type ProcessSetUp, type Site, type SiteOptions } from '../kit/index.ts'

const DEADLINE = { progressDeadline: '90s' } as const
const COUNTED = { router: { weights: false } }
const KINDS = {
  'blue/green': { strategy: blueGreen({ bake: '1h', ...DEADLINE }), given: {}, cloud: {} },
  canary: { strategy: canary({ weights: [50], bake: '1h', ...DEADLINE }), given: {}, cloud: {} },
  'canary by count': { strategy: canary({ weights: [50], bake: '1h', maxSurge: 4, ...DEADLINE }), given: {}, cloud: COUNTED },
  'rolling in place': { strategy: rolling({ maxSurge: 4, ...DEADLINE }), given: { groups: inPlace('web') }, cloud: {} },
} as const
type Asked = Parameters<Check>[0]

/** A fleet of four whose instances are well when a check says so. */
function probed(cloud: SiteOptions, given: ProcessSetUp) {
  const site = createSite({ size: 4, unhealthyMs: 1e9, ...cloud })
  const is: { well: (asked: Asked) => boolean } = { well: () => true }
  const checks = { well: (asked: Asked) => is.well(asked) }
  return { site, is, fleet: site.process({ ...given, checks, spec: { health: { probes: [{ check: 'well' }] } } }).fleet }
}

/** Instances of an image get well 40 s apart, in the order in which they are asked. */
function oneByOne({ world }: Site, image: string): (asked: Asked) => boolean {
  const wellAt = new Map<string, number>()
  let last = 0
  return ({ key, release }) => {
    if (release === image && !wellAt.has(key)) wellAt.set(key, (last = Math.max(last, world.now) + 40_000))
    return world.now >= (wellAt.get(key) ?? 0)
  }
}

/** Instances of an image are well for half a minute and ill for half a minute, never all of them at once. */
function inTurns({ world }: Site, image: string): (asked: Asked) => boolean {
  return ({ key, release }) => release !== image || (Math.floor(world.now / 30_000) + Number(key.slice(-1))) % 2 === 0
}

describe.for(Object.keys(KINDS) as (keyof typeof KINDS)[])('the progress deadline of %s', (kind) => {
  const { strategy, given, cloud } = KINDS[kind]

  test('is renewed by each instance of the candidate that gets well', async () => {
    const { site, is, fleet } = probed(cloud, given)
    is.well = oneByOne(site, 'img-2')
    const rollout = await site.started(fleet, strategy)
    await site.settled(rollout.promote({ full: true }))
    expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted' })
  })

  test('is renewed on the way back by each instance of stable that gets well', async () => {
    const { site, is, fleet } = probed(cloud, given)
    const rollout = await site.started(fleet, strategy)
    await site.until(rollout, (event) => event.type === 'waypoint.ready')
    for (const { machine } of site.cloud.truth.groups.get('web')?.instances ?? [])
      if (machine.image === 'img-1') site.world.machines.end(machine.id, 'its zone failed')
    is.well = oneByOne(site, 'img-1')
    await site.settled(rollout.rollback())
    expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'rolled-back' })
  })

  test('is not renewed by instances of the candidate that get well again and again', async () => {
    const { site, is, fleet } = probed(cloud, given)
    is.well = inTurns(site, 'img-2')
    const rollout = await site.started(fleet, strategy)
    await site.turns(rollout, 60)
    expect(rollout.state).toMatchObject({ outcome: 'rolled-back', cause: expect.stringMatching(/^no progress .* for 1m30s$/) })
  })

  test('is not renewed on the way back by instances of stable that get well again and again', async () => {
    const { site, is, fleet } = probed(cloud, given)
    is.well = inTurns(site, 'img-1')
    const rollout = await site.started(fleet, strategy)
    await site.turns(rollout, 3)
    await site.settled(rollout.rollback())
    await site.turns(rollout, 60)
    expect(rollout.state).toMatchObject({ outcome: 'rollback-failed', cause: 'no progress towards return for 1m30s' })
  })
})

test.for(['blue/green', 'canary'] as const)(
  'that of %s is not renewed on the way back by what the candidate does',
  async (kind) => {
    const { strategy, given, cloud } = KINDS[kind]
    const { site, is, fleet } = probed(cloud, given)
    const ofCandidate = oneByOne(site, 'img-2')
    is.well = (asked) => asked.release === 'img-2' && ofCandidate(asked)
    const rollout = await site.started(fleet, strategy)
    await site.until(rollout, (event) => event.type === 'generation.created')
    await site.settled(rollout.rollback())
    const entered = await site.until(rollout, (event) => event.type === 'waypoint.entered' && event.waypoint === 'return')
    const failed = await site.until(rollout, (event) => event.type === 'rollback.failed')
    expect(failed.at - entered.at).toBe(90_000)
  },
)

test('one that falls ill while it soaks is not waited for as one that soaks', async () => {
  const { site, is, fleet } = probed({}, { groups: inPlace('web') })
  const rollout = await site.started(fleet, rolling({ soak: '5m', ...DEADLINE }))
  await site.until(rollout, (event) => event.type === 'waypoint.entered' && event.waypoint === 'replace')
  const { at } = await site.until(rollout, (event) => event.type === 'instance.healthy' && event.instance !== 'web-0005')
  is.well = (asked) => asked.release === 'img-1'
  const back = await site.until(rollout, (event) => event.type === 'rollback.started')
  expect(back).toMatchObject({ cause: 'no progress towards replace for 1m30s' })
  expect(back.at - at).toBeLessThan(120_000)
})

describe('a candidate without a healthy instance', () => {
  const patient = { progressDeadline: '10m' } as const
  const failedAfter = async (site: Site, rollout: Rollout) => {
    const unready = await site.until(rollout, (event) => event.type === 'waypoint.unready')
    return (await site.until(rollout, (event) => event.type === 'rollback.started')).at - unready.at
  }

  test.for([
    ['none of them well, with traffic: a minute', canary({ weights: [50], bake: '1h', ...patient }), {}, 'all', 60_000],
    ['one of them well, with traffic: the whole deadline', canary({ weights: [50], bake: '1h', ...patient }), {}, 'one', 600_000],
    [
      'none of them well, by count, which sends them no traffic: the whole deadline',
      canary({ weights: [50], bake: '1h', ...patient }),
      COUNTED,
      'all',
      600_000,
    ],
  ] as const)('%s', async ([, strategy, cloud, ill, ms]) => {
    const { site, is, fleet } = probed(cloud, {})
    const rollout = await site.started(fleet, strategy)
    await site.until(rollout, (event) => event.type === 'gate.holding' && event.gate === 'bake')
    is.well = ({ release, key }) => release === 'img-1' || (ill === 'one' && key.endsWith('5'))
    expect(await failedAfter(site, rollout)).toBe(ms)
  })

  test('none of them well yet, without traffic: the whole deadline', async () => {
    const { site, is, fleet } = probed({}, {})
    is.well = ({ release }) => release === 'img-1'
    const rollout = await site.started(fleet, blueGreen({ bake: '1h', ...patient }))
    const created = await site.until(rollout, (event) => event.type === 'generation.created')
    expect((await site.until(rollout, (event) => event.type === 'rollback.started')).at - created.at).toBe(600_000)
  })
})
