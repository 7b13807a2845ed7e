import { blueGreen, canary } from 'imago'
import { describe, expect, test } from 'vitest'
import { createSite, ofType } from '../kit/index.ts'

describe('a router that sends all of the traffic one way', () => {
  test('carries no plan that needs a part of it, on the way there or back', async () => {
    const site = createSite({ router: { shares: false } })
    const planned = site.settled(
      site.process().fleet.plan({ image: 'img-2', strategy: canary({ weights: [5, 50], bake: '1m' }) }),
    )
    const problems = [0, 1].map((index) => ({
      path: `strategy.waypoints[${index}].shape.routing.weights`,
      found: expect.stringMatching(/^\d+ % and \d+ %, though this router sends all of the traffic one way$/),
      allowed: '0 or 100; or blue/green',
    }))
    await expect(planned).rejects.toMatchObject({ code: 'spec-invalid', facts: { problems } })
  })

  test.for([
    {
      shares: true,
      wanted: [
        { web: 40, 'web-v001': 60 },
        { web: 100, 'web-v001': 0 },
      ],
    },
    { shares: false, wanted: [{ web: 100, 'web-v001': 0 }] },
  ])('with parts of it: $shares, goes back by as much as stable can carry: $wanted', async ({ shares, wanted }) => {
    const site = createSite({ size: 5, router: { shares } })
    const rollout = await site.started(site.process().fleet, blueGreen({ bake: '1h' }))
    await site.until(rollout, (event) => event.type === 'gate.holding' && event.gate === 'bake')
    const stable = site.cloud.truth.groups.get('web')?.instances ?? []
    for (const { machine } of stable.slice(0, 3)) site.world.machines.end(machine.id, 'its zone failed')
    await site.settled(rollout.rollback())
    expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'rolled-back' })
    const commands = ofType(await site.events(rollout), 'command.intended').map(({ command }) => command)
    const asked = commands.flatMap((one) => (one.kind === 'set-weights' ? [one.wanted] : []))
    expect(asked.slice(1)).toEqual(wanted)
    expect(ofType(await site.events(rollout), 'command.refused')).toEqual([])
  })
})
