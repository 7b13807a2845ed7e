import { canary, type JsonObject, type Rollout } from 'imago'
import { beforeEach, describe, expect, test } from 'vitest'
import { createSite, type Site } from '../kit/index.ts'

const SPEC = { image: 'img-2', strategy: canary({ weights: [34], bake: '30s' }) }
const NEWER = { code: 'format-newer', facts: { found: 2, known: 1 } }

describe('a journal that a newer imago has gone on with is read-only', () => {
  let site: Site
  let rollout: Rollout
  let before: string

  beforeEach(async () => {
    site = createSite()
    const { fleet } = site.process()
    rollout = await site.settled(fleet.plan(SPEC).then((plan) => fleet.start(plan)))
    for (let turns = 0; turns < 4; turns++) await site.settled(rollout.tick())
    const stream = `fleet/${rollout.fleet}`
    const last = (await site.store.read(stream, rollout.state.seq))[0]?.['event'] as JsonObject
    const event = { ...last, v: 2, seq: rollout.state.seq + 1, type: 'instance.praised' }
    await site.store.append(stream, rollout.state.seq + 1, [{ event }])
    before = await contents(site)
  })

  const attempts: Readonly<Record<string, () => Promise<unknown>>> = {
    'to drive it': () => rollout.run(),
    'to give it a turn': () => rollout.tick(),
    'to ask it for something': () => rollout.abort(),
    'to report on it': () => rollout.report(),
    'to follow its events': () => Array.fromAsync(rollout.events()),
    'to find it again': () => site.process().imago.rollout(rollout.id),
    'to import it': () => site.process().fleet.import({ takeOver: rollout.id }),
    'to start another one': async () => {
      const { fleet } = site.process()
      return await fleet.start(await fleet.plan(SPEC))
    },
  }
  test.for(Object.keys(attempts))('%s is refused, and nothing is written', async (name) => {
    const { writes } = site.cloud.calls
    const attempt = attempts[name] ?? expect.fail()
    await expect(site.settled(attempt())).rejects.toMatchObject(NEWER)
    expect(await contents(site)).toBe(before)
    expect(site.cloud.calls.writes).toBe(writes)
  })

  test('ticks of all pass it by and go on with the others', async () => {
    const { imago } = site.process()
    const { turns, skipped } = await site.settled(imago.tick())
    expect(turns).toEqual([])
    expect(skipped).toMatchObject([{ fleet: rollout.fleet, code: 'format-newer' }])
    expect(await contents(site)).toBe(before)
  })
})

test('so are requests of a newer imago', async () => {
  const site = createSite()
  const { fleet } = site.process()
  const rollout = await site.settled(fleet.plan(SPEC).then((plan) => fleet.start(plan)))
  await site.store.append(`requests/${rollout.id}`, 1, [{ v: 2, seq: 1, kind: 'hurry', rolloutId: rollout.id }])
  const before = await contents(site)
  await expect(site.settled(rollout.run())).rejects.toMatchObject(NEWER)
  await expect(site.settled(rollout.pause())).rejects.toMatchObject(NEWER)
  expect(await contents(site)).toBe(before)
})

/** All streams; cells are not safety's. */
async function contents({ store }: Site): Promise<string> {
  const streams = await store.list('')
  return JSON.stringify(await Promise.all(streams.map((stream) => store.read(stream, 1))))
}
