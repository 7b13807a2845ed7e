import { canary, type RolloutEvent } from 'imago'
import { expect, test } from 'vitest'
import { createSite } from '../kit/index.ts'

test('a request is judged after those that still wait: pause and resume at once, and who pauses twice is told who was first', async () => {
  const site = createSite()
  const { fleet, imago } = site.process()
  const plan = fleet.plan({ image: 'img-2', strategy: canary({ weights: [34], bake: '30s' }) })
  const rollout = await site.settled(plan.then((made) => fleet.start(made)))
  await site.settled(rollout.pause({ by: 'ana' }))
  const other = await site.settled(site.process().imago.rollout(rollout.id))
  await expect(site.settled(other.pause({ by: 'bob' }))).rejects.toMatchObject({
    code: 'request-refused',
    facts: { why: 'ana paused it already' },
  })
  await site.settled(other.resume({ by: 'bob' }))
  await expect(site.settled(rollout.resume())).rejects.toMatchObject({ facts: { why: 'it is not paused' } })
  await site.settled(rollout.abort({ by: 'ana', reason: 'enough' }))
  await expect(site.settled(rollout.abort())).rejects.toMatchObject({ facts: { why: 'it is being aborted already' } })
  const seen: RolloutEvent[] = []
  rollout.onAny((event) => void seen.push(event))
  await site.settled(rollout.tick())
  expect(seen.filter((event) => 'by' in event).map((event) => [event.type, 'by' in event ? event.by : ''])).toEqual([
    ['rollout.started', 'ada'],
    ['rollout.paused', 'ana'],
    ['rollout.resumed', 'bob'],
    ['rollout.aborting', 'ana'],
  ])
  await imago.close()
})
