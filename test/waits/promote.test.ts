import { canary, type RolloutEvent } from 'imago'
import { expect, test } from 'vitest'
import { createSite, metric } from '../kit/index.ts'

const analysis = { metrics: [{ source: 'm', query: 'q', must: { op: '<', value: 1 } }], interval: '30m', count: 9 } as const

test('promote opens every gate of the waypoint that waits but health, and none of the next one', async () => {
  const site = createSite()
  const is = { well: true }
  const { fleet } = site.process({
    checks: { smoke: () => false, well: ({ release }) => is.well || release === 'img-1' },
    metrics: { m: metric(async () => []) },
    spec: { health: { probes: [{ check: 'well' }] } },
  })
  const approvals = { 67: { id: 'go' } }
  const strategy = canary({ weights: [34, 67], bake: '5h', verify: ['smoke'], verifyDeadline: '6h', analysis, approvals })
  const rollout = await site.started(fleet, strategy)
  await site.until(rollout, (event) => event.type === 'gate.holding' && event.gate === 'bake')
  is.well = false
  await site.until(rollout, (event) => event.type === 'waypoint.unready')
  await site.settled(rollout.promote({ by: 'ana' }))
  await site.turns(rollout, 3)
  expect(rollout.state.index).toBe(0)
  is.well = true
  await site.until(rollout, (event) => event.type === 'waypoint.reached')
  await site.turns(rollout, 30)
  expect(rollout.state.index).toBe(1)
  const opened = (waypoint: string, event: RolloutEvent) =>
    event.type === 'gate.opened' && event.waypoint === waypoint ? [event.gate] : []
  const events = await site.events(rollout)
  expect(events.flatMap((event) => opened('weight-34', event))).toEqual(['healthy'])
  expect(events.flatMap((event) => opened('weight-67', event))).toEqual(['healthy'])
})
