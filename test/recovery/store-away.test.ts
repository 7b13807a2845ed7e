import { blueGreen, callFailed } from 'imago'
import { expect, test } from 'vitest'
import { createSite } from '../kit/index.ts'

const AWAY_MS = 120_000

test('a store that is away is asked again after a while, stops every effect, and nothing else', async () => {
  const site = createSite()
  const is = { away: false }
  let asked = 0
  const may = async <T>(call: () => Promise<T>): Promise<T> => {
    if (!is.away) return await call()
    asked++
    throw callFailed('transient', 'store', 'the store is away')
  }
  const { store } = site
  const { fleet } = site.process({
    store: {
      ...store,
      now: () => may(() => store.now()),
      read: (...given) => may(() => store.read(...given)),
      append: (...given) => may(() => store.append(...given)),
      get: (...given) => may(() => store.get(...given)),
      compareAndSet: (...given) => may(() => store.compareAndSet(...given)),
    },
  })
  const rollout = await site.started(fleet, blueGreen({ bake: '1m' }))
  const ended = rollout.run()
  while (!rollout.state.ready) await site.pass(1_000)
  is.away = true
  const { writes } = site.cloud.calls
  await site.pass(AWAY_MS)
  expect(site.cloud.calls.writes).toBe(writes)
  // Three attempts, and at least a second before the next three.
  expect(asked).toBeGreaterThan(0)
  expect(asked).toBeLessThan((3 * AWAY_MS) / 1_000)
  is.away = false
  expect(await site.settled(ended)).toMatchObject({ outcome: 'promoted' })
})
