import { blueGreen, inPlace, rolling, type RollingOptions, type RolloutEvent } from 'imago'
import { describe, expect, test } from 'vitest'
import { createSite, ofType, type ProcessSetUp, type Site, type SiteOptions } from '../kit/index.ts'

const NATIVE = { by: 'native' } as const

function siteInPlace(
  size: number,
  options: SiteOptions = {},
): Site & { begin(image?: string, more?: RollingOptions): ReturnType<Site['started']> } {
  const site = createSite({ router: { weights: false }, fleets: [{ groups: [{ id: 'web', image: 'img-1', size }] }], ...options })
  const process = (setUp: ProcessSetUp = {}) => site.process({ groups: inPlace('web'), ...setUp })
  return {
    ...site,
    process,
    begin: (image = 'img-2', more = {}) => site.started(process().fleet, rolling({ ...NATIVE, ...more }), image),
  }
}

function stands({ cloud: { truth } }: Site): string[] {
  return [...truth.groups.values()].map(({ id, release, sizes, instances, holds, update }) => {
    const counts = Object.entries(sizes).map(([image, size]) => `${size} of ${image}`)
    const runs = `${instances.filter((one) => !one.terminating).length} instances`
    return `${id} ${counts.join(' and ')}, ${runs}, launches ${release}, ${holds.length} marks, updater ${update?.state ?? 'never'}`
  })
}

const orders = (events: readonly RolloutEvent[]) => ofType(events, 'command.intended').map(({ command }) => command.kind)

describe("rolling by the cloud's own updater", () => {
  test('replaces one that gates the rest, then the rest, and removes nothing itself', async () => {
    const site = siteInPlace(6)
    const rollout = await site.begin()
    expect((await site.settled(rollout.run())).outcome).toBe('promoted')
    expect(stands(site)).toEqual(['web 6 of img-2, 6 instances, launches img-2, 0 marks, updater ended'])
    const ordered = orders(await site.events(rollout))
    expect(ordered.filter((kind) => kind !== 'hold' && kind !== 'release')).toEqual([
      'ensure-group',
      'update',
      'stop-update',
      'update',
    ])
  })

  test('is stopped while the first instance is judged, and while it is paused', async () => {
    const site = siteInPlace(4)
    const rollout = await site.begin('img-2', { soak: '5m' })
    await site.until(rollout, ({ type }) => type === 'waypoint.ready')
    expect(stands(site)).toEqual(['web 3 of img-1 and 1 of img-2, 4 instances, launches img-2, 1 marks, updater ended'])
    await site.until(rollout, (event) => event.type === 'waypoint.reached' && event.waypoint === 'first')
    await site.until(rollout, (event) => event.type === 'update.seen' && event.state === 'running' && event.seq > 30)
    await site.settled(rollout.pause({ by: 'me', reason: 'lunch' }))
    await site.turns(rollout, 12)
    expect(stands(site)[0]).toContain('updater ended')
    const before = stands(site)
    await site.turns(rollout, 30)
    expect(stands(site)).toEqual(before)
    await site.settled(rollout.resume({ by: 'me' }))
    expect((await site.settled(rollout.run())).outcome).toBe('promoted')
  })

  test.each(['img-sick', 'img-2'])('is stopped before anything else on the way back from %s', async (image) => {
    const site = siteInPlace(4)
    const rollout = await site.begin(image)
    if (image === 'img-2') {
      await site.until(rollout, (event) => event.type === 'waypoint.entered' && event.waypoint === 'replace')
      await site.until(rollout, (event) => event.type === 'command.intended' && event.command.kind === 'update' && event.seq > 25)
      await site.turns(rollout, 4)
      await site.settled(rollout.rollback({ reason: 'it is slow' }))
    }
    expect((await site.settled(rollout.run())).outcome).toBe('rolled-back')
    expect(stands(site)).toEqual(['web 4 of img-1, 4 instances, launches img-1, 0 marks, updater ended'])
    const events = await site.events(rollout)
    const back = events.slice(events.findIndex(({ type }) => type === 'rollback.started'))
    expect(orders(back)[0]).toBe('stop-update')
    expect(ofType(back, 'demand.raised')).toEqual([])
  })

  test('an abort leaves what it finds, and no updater at work', async () => {
    const site = siteInPlace(6)
    const rollout = await site.begin()
    await site.until(rollout, (event) => event.type === 'waypoint.entered' && event.waypoint === 'replace')
    await site.turns(rollout, 4)
    await site.settled(rollout.abort({ reason: 'enough' }))
    expect((await site.settled(rollout.run())).outcome).toBe('aborted')
    expect(stands(site)[0]).toMatch(/of img-1 and . of img-2, 6 instances, launches img-1, 0 marks, updater ended/)
  })

  test('capacity never falls with a surge, and by what may be unavailable without', async () => {
    for (const [maxSurge, maxUnavailable, least] of [
      [1, 0, 6],
      [2, 0, 6],
      [0, 2, 4],
    ] as const) {
      const site = siteInPlace(6)
      const rollout = await site.begin('img-2', { maxSurge, maxUnavailable })
      let fewest = 6
      await site.until(rollout, (event) => {
        const serving = [...site.cloud.truth.groups.values()].flatMap((one) => one.instances.filter(({ serving: is }) => is))
        fewest = Math.min(fewest, serving.length)
        return event.type === 'rollout.finished'
      })
      expect(fewest).toBeGreaterThanOrEqual(least)
    }
  })

  test('what the autoscaler adds in the middle is kept, and replaced', async () => {
    const site = siteInPlace(3)
    const rollout = await site.begin()
    await site.until(rollout, (event) => event.type === 'waypoint.entered' && event.waypoint === 'replace')
    const group = site.cloud.truth.groups.get('web')
    site.cloud.people.resize('web', (group?.sizes['img-2'] ?? 0) + 3)
    expect((await site.settled(rollout.run())).outcome).toBe('promoted')
    expect(stands(site)).toEqual(['web 6 of img-2, 6 instances, launches img-2, 0 marks, updater ended'])
  })
})

describe('an updater that somebody else set to work', () => {
  test('is named with the choices, also to a strategy of the engine', async () => {
    const site = siteInPlace(6)
    site.cloud.people.update('web', 'img-2')
    await site.pass(60_000)
    const { fleet } = site.process()
    const { facts } = await site.refused(fleet.plan({ image: 'img-2', strategy: rolling() }))
    expect(facts).toMatchObject({
      found: expect.stringMatching(/the update update-.* of web, running, towards sim:img-2/),
      choices: ['wait until it has ended', 'stop it', expect.stringContaining("rolling({ by: 'native' })")],
    })
    const other = await site.refused(fleet.plan({ image: 'img-3', strategy: rolling(NATIVE) }))
    expect(other.message).toContain('towards sim:img-2')
  })

  test('is supervised: it goes on under the gates, and nothing is started beside it', async () => {
    const site = siteInPlace(6)
    site.cloud.people.update('web', 'img-2')
    await site.pass(60_000)
    const rollout = await site.begin()
    expect((await site.settled(rollout.run())).outcome).toBe('promoted')
    const events = await site.events(rollout)
    expect(orders(events).filter((kind) => kind !== 'hold' && kind !== 'release')).toEqual([])
    expect(ofType(events, 'update.seen').map(({ state }) => state)).toEqual(['running', 'ended'])
    expect(stands(site)).toEqual(['web 6 of img-2, 6 instances, launches img-2, 0 marks, updater ended'])
  })

  test('is stopped and taken back when it was supervised and goes wrong', async () => {
    const site = siteInPlace(6)
    site.cloud.people.update('web', 'img-sick')
    await site.pass(100_000)
    const rollout = await site.begin('img-sick')
    expect((await site.settled(rollout.run())).outcome).toBe('rolled-back')
    expect(stands(site)).toEqual(['web 6 of img-1, 6 instances, launches img-1, 0 marks, updater ended'])
  })
})

describe('a fleet that no updater can roll', () => {
  test('nor anybody else that there is not', async () => {
    const site = siteInPlace(2)
    const strategy = rolling({ by: 'somebody' as never })
    const { facts } = await site.refused(site.process().fleet.plan({ image: 'img-2', strategy }))
    expect(facts).toMatchObject({ problems: [{ path: 'strategy.by', allowed: "'engine' or 'native'" }] })
  })

  test('is refused with all the reasons', async () => {
    const site = createSite()
    const spec = { drain: { hook: { check: 'drained' } } } as const
    const { fleet } = site.process({ spec, checks: { drained: () => true } })
    const { facts } = await site.refused(fleet.plan({ image: 'img-2', strategy: rolling(NATIVE) }))
    expect(facts).toMatchObject({
      problems: [
        {
          path: 'strategy.by',
          found:
            'native, but an updater works in place, and the groups are clone; and an updater ends instances without asking them whether they have drained',
        },
      ],
    })
  })

  test('whoever does the work is in the plan, and who does it otherwise is not', async () => {
    const site = siteInPlace(6)
    const plan = await site.settled(site.process().fleet.plan({ image: 'img-2', strategy: rolling(NATIVE) }))
    expect(plan.waypoints.map(({ id, agency }) => [id, agency])).toEqual([
      ['first', 'native'],
      ['replace', 'native'],
      ['retire-stable', 'engine'],
    ])
    expect(String(plan)).toMatch(/waypoint +by +.*\n.*first +native .*\n.*replace +native .*\n.*retire-stable +engine/)
    const clones = createSite().process()
    expect(String(await site.settled(clones.fleet.plan({ image: 'img-2', strategy: blueGreen() })))).not.toContain('native')
  })
})
