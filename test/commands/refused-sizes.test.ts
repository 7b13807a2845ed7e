import { blueGreen, callFailed, canary, inPlace, rolling } from 'imago'
import { expect, test } from 'vitest'
import { createSite, ofType } from '../kit/index.ts'

test.for([
  ['canary of clones', canary({ weights: [34, 67], bake: '30s' }), {}],
  ['blue/green', blueGreen({ bake: '30s' }), {}],
  ['rolling in place', rolling({ maxSurge: 1 }), { groups: inPlace('web') }],
] as const)('%s: a size that was written and given up all the same is nobody else’s wish', async ([, strategy, more]) => {
  const site = createSite()
  const { provider } = site.cloud
  const noRoom = (call: string) => callFailed('capacity', call, 'There is no room for machines of this type.')
  const { fleet } = site.process({
    ...more,
    provider: {
      async resize(...call) {
        await provider.resize(...call)
        throw noRoom('resize')
      },
      async ensureGroup(...call) {
        await provider.ensureGroup(...call)
        throw noRoom('ensureGroup')
      },
    },
  })
  const rollout = await site.started(fleet, strategy)
  await site.settled(rollout.run())
  const events = await site.events(rollout)
  expect(ofType(events, 'command.refused')).not.toEqual([])
  expect(ofType(events, 'demand.raised')).toEqual([])
  expect(rollout.state.outcome).toBe('promoted')
})
