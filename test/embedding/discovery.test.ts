import { blueGreen, type Imago } from 'imago'
import { expect, test } from 'vitest'
import { createSite, type Site } from '../kit/index.ts'

const STRATEGY = blueGreen({ bake: '30s' })

/** Passes, ten seconds apart, until nothing is under way. */
async function drain(site: Site, imago: Imago): Promise<void> {
  for (let pass = 0; pass < 100; pass++) {
    const { wakeAt } = await site.settled(imago.tick())
    if (wakeAt === undefined) return
    await site.pass(10_000)
  }
  throw new Error('still under way after 100 passes')
}

test('imago.tick finds what any process starts, at first and on a fleet that has been at rest', async () => {
  const site = createSite()
  const { imago } = site.process()
  for (const image of ['img-2', 'img-3', 'img-1']) {
    const { imago: other, fleet } = site.process()
    const rollout = await site.started(fleet, STRATEGY, image)
    await site.settled(other.close())
    await drain(site, imago)
    const found = await site.settled(imago.rollout(rollout.id))
    expect(found.state).toMatchObject({ outcome: 'promoted', plan: { image: { id: image } } })
  }
})

test('a fleet at rest costs imago.tick one read of its stream', async () => {
  const site = createSite()
  const read: string[] = []
  const { store } = site
  const counted = { ...store, read: (...given: Parameters<typeof store.read>) => (read.push(given[0]), store.read(...given)) }
  const { imago, fleet } = site.process({ store: counted })
  await site.started(fleet, STRATEGY)
  await drain(site, imago)
  await site.settled(imago.tick())
  read.length = 0
  for (let pass = 0; pass < 3; pass++) await site.settled(imago.tick())
  expect(read).toEqual(['fleet/sim/web', 'fleet/sim/web', 'fleet/sim/web'])
})
