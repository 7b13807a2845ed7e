import { canary } from 'imago'
import { expect, test } from 'vitest'
import { createSite, ofType } from '../kit/index.ts'

test.for([
  [100, 1, [99, 1]],
  [100, 75, [25, 75]],
  [10, 1, [9, 1]],
  [10, 20, [8, 2]],
  [10, 25, [7, 3]],
  [10, 75, [3, 7]],
  [10, 95, [1, 9]],
  [3, 50, [1, 2]],
] as const)('of %i units %i percent is %j: at least one, and the larger share takes what rounding leaves', async (given) => {
  const [units, weight, [stable, candidate]] = given
  const site = createSite({ size: 6, router: { units } })
  const rollout = await site.started(site.process().fleet, canary({ weights: [weight], bake: '1h' }))
  await site.until(rollout, (event) => event.type === 'traffic.shifted')
  const shifted = ofType(await site.events(rollout), 'traffic.shifted')
  expect(shifted).toMatchObject([{ units: { web: stable, 'web-v001': candidate } }])
})
