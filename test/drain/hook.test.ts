import { blueGreen } from 'imago'
import { expect, test } from 'vitest'
import { createSite } from '../kit/index.ts'

test('the hook is asked of every instance of stable, however long it was kept warm, and has all of its deadline', async () => {
  const site = createSite()
  const asked = new Map<string, number>()
  const { fleet } = site.process({
    // Four minutes of the five: done at the twenty-fifth question.
    checks: { idle: ({ key }) => (asked.set(key, (asked.get(key) ?? 0) + 1).get(key) ?? 0) > 24 },
    spec: { drain: { hook: { check: 'idle' }, deadline: '5m' } },
  })
  const rollout = await site.started(fleet, blueGreen({ bake: '1h', progressDeadline: '10m' }))
  const clean: boolean[] = []
  rollout.on('instance.drained', (event) => void clean.push(event.clean))
  expect((await site.settled(rollout.run())).outcome).toBe('promoted')
  expect(clean).toEqual([true, true, true])
  expect([...asked.values()]).toEqual([25, 25, 25])
})
