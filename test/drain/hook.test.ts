import { blueGreen, clone, createImago } from 'imago'
import { expect, test } from 'vitest'
import { createSite, systemOn } from '../embedding/site.ts'

test('the hook is asked of every instance of stable, however long it was kept warm, and has all of its deadline', async () => {
  const site = createSite()
  const asked = new Map<string, number>()
  const imago = createImago({
    store: site.store,
    providers: { cloud: site.cloud.provider },
    system: systemOn(site, 'first'),
    lookInterval: 10_000,
    // Four minutes of the five: done at the twenty-fifth question.
    checks: { idle: ({ key }) => (asked.set(key, (asked.get(key) ?? 0) + 1).get(key) ?? 0) > 24 },
  })
  const fleet = imago.fleet('web', {
    provider: 'cloud',
    groups: clone({ adopt: 'web' }),
    drain: { hook: { check: 'idle' }, deadline: '5m' },
    ...(site.cloud.router === undefined ? {} : { traffic: site.cloud.router }),
  })
  const strategy = blueGreen({ bake: '1h', progressDeadline: '10m' })
  const rollout = await site.settled(fleet.plan({ image: 'img-2', strategy }).then((plan) => fleet.start(plan)))
  const clean: boolean[] = []
  rollout.on('instance.drained', (event) => void clean.push(event.clean))
  expect((await site.settled(rollout.run())).outcome).toBe('promoted')
  expect(clean).toEqual([true, true, true])
  expect([...asked.values()]).toEqual([25, 25, 25])
})
