import { blueGreen } from 'imago'
import { expect, test } from 'vitest'
import { lossySite } from './kit.ts'

test('a plan that takes over a lost rollout undoes its marks wherever they are, and waits for none of them to run out', async () => {
  const site = lossySite('clone, by weights', true)
  const { fleet, imago } = site.process()
  const lost = await site.started(fleet, blueGreen({ bake: '30s' }))
  // Stable was to be retired when somebody went back: the claim moves twice, and each is undone at the end only.
  await site.until(lost, (event) => event.type === 'command.intended' && event.command.kind === 'leave')
  await site.settled(lost.rollback())
  await site.until(lost, () => lost.state.held.filter((one) => one.hold === 'claim').length === 2)
  await site.settled(imago.close())
  site.loseStore()

  const { fleet: next } = site.process()
  const plan = await site.settled(
    next.plan({ image: 'img-3', strategy: blueGreen({ bake: '30s', progressDeadline: '1m' }), takeOver: lost.id }),
  )
  const rollout = await site.settled(next.start(plan))
  expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted' })
  const marks = [...site.cloud.truth.groups.values()].flatMap((group) => group.holds)
  expect(marks).toEqual([])
})
