import { blueGreen, canary, type Rollout } from 'imago'
import { describe, expect, test } from 'vitest'
import { createSite, ofType, type Site } from '../kit/index.ts'

const never = () => new Promise<never>(() => undefined)

/** Milliseconds until a running controller has acted. */
async function actedAfter(site: Site, rollout: Rollout, acted: () => boolean): Promise<number> {
  const askedAt = site.world.now
  for (let turn = 0; turn < 600 && !acted(); turn++) await site.pass(100)
  expect(acted(), rollout.id).toBe(true)
  return site.world.now - askedAt
}

describe('a running controller acts on a request within three seconds', () => {
  test('while a check hangs', async () => {
    const site = createSite()
    const { fleet } = site.process({ checks: { slow: never } })
    const rollout = await site.started(fleet, blueGreen({ verify: ['slow'], verifyDeadline: '10m', bake: '1m' }))
    const other = await site.settled(site.process().imago.rollout(rollout.id))
    void rollout.run()
    while (!rollout.state.ready) await site.pass(1_000)
    for (const shiftMs of [0, 700, 1_300, 2_900, 5_100, 8_300]) {
      await site.pass(shiftMs)
      await site.settled(other.pause({ by: 'ana' }))
      expect(await actedAfter(site, rollout, () => rollout.state.paused !== undefined)).toBeLessThanOrEqual(3_000)
      await site.settled(other.resume({ by: 'ana' }))
      expect(await actedAfter(site, rollout, () => rollout.state.paused === undefined)).toBeLessThanOrEqual(3_000)
    }
  })

  test('while a call hangs: what was asked for is in the journal beside it', async () => {
    const site = createSite()
    const { fleet } = site.process({ provider: { ensureGroup: never } })
    const rollout = await site.started(fleet, blueGreen({ bake: '1m' }))
    void rollout.run()
    while (!rollout.state.flights.some((flight) => flight.command.kind === 'ensure-group')) await site.pass(500)
    await site.settled(rollout.pause())
    expect(await actedAfter(site, rollout, () => rollout.state.paused !== undefined)).toBeLessThanOrEqual(3_000)
    expect(ofType(await site.events(rollout), 'command.unknown')).toEqual([])
    await site.pass(40_000)
    expect(ofType(await site.events(rollout), 'command.unknown')).toHaveLength(1)
    await site.settled(rollout.resume())
    await site.pass(5_000)
    expect(rollout.state.paused).toBeUndefined()
  })

  test('while a call hangs: a change of direction lets go of it and goes on', async () => {
    const site = createSite()
    let hangs = false
    const { resize } = site.cloud.provider
    const { fleet } = site.process({ provider: { resize: (...given) => (hangs ? never() : resize(...given)) } })
    const rollout = await site.started(fleet, canary({ weights: [34], bake: '1m' }))
    await site.until(rollout, (event) => event.type === 'traffic.shifted')
    hangs = true
    await site.settled(rollout.promote())
    void rollout.run()
    const intended = async () =>
      ofType(await site.events(rollout), 'command.intended').some((one) => one.command.kind === 'resize')
    while (!(await intended())) await site.pass(500)
    await site.settled(rollout.rollback())
    const back = () => [...site.cloud.truth.fleets.values()].some((one) => one.routes.get('web')?.weight === 100)
    expect(await actedAfter(site, rollout, back)).toBeLessThanOrEqual(3_000)
    expect(ofType(await site.events(rollout), 'command.unknown')).toHaveLength(1)
    hangs = false
    await site.pass(600_000)
    expect(rollout.state.outcome).toBe('rolled-back')
  })

  test('while a look hangs', async () => {
    const site = createSite()
    let hangs = false
    const { describe: look } = site.cloud.provider
    const { fleet } = site.process({ provider: { describe: (...given) => (hangs ? never() : look(...given)) } })
    const rollout = await site.started(fleet, canary({ weights: [34], bake: '1h' }))
    void rollout.run()
    while (!rollout.state.ready) await site.pass(1_000)
    hangs = true
    await site.pass(20_000)
    await site.settled(rollout.abort({ by: 'ana' }))
    expect(await actedAfter(site, rollout, () => rollout.state.aim === 'abort')).toBeLessThanOrEqual(3_000)
    hangs = false
    await site.pass(120_000)
    expect(rollout.state.outcome).toBe('aborted')
  })
})
