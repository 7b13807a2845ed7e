import { canary, clone, isRolloutError } from 'imago'
import { describe, expect, test } from 'vitest'
import { createSite, type Site } from '../kit/index.ts'

const STRATEGY = canary({ weights: [34], bake: '30s' })
const TWO_FLEETS = {
  fleets: [{ groups: [{ id: 'web', image: 'img-1', size: 3 }] }, { groups: [{ id: 'api', image: 'img-1', size: 3 }] }],
}

async function rolled(site: Site, image: string, adopt = 'web') {
  const { fleet, imago } = site.process({ groups: clone({ adopt }) })
  expect((await site.settled(fleet.roll({ image, strategy: STRATEGY }))).outcome).toBe('promoted')
  await site.settled(imago.close())
}

describe('one name for two fleets is refused', () => {
  test.for(['plan', 'describe', 'history', 'import'] as const)('by %s', async (verb) => {
    const site = createSite(TWO_FLEETS)
    const { fleet: web } = site.process()
    const plan = await site.settled(web.plan({ image: 'img-2', strategy: STRATEGY }))
    await site.settled(web.start(plan))
    const { fleet } = site.process({ groups: clone({ adopt: 'api' }) })
    const asked = verb === 'plan' ? fleet.plan({ image: 'img-2', strategy: STRATEGY }) : fleet[verb]()
    const error = await site.refused(asked, 'name-taken')
    expect(error.message).toMatch(/stands for sim\/web.*adopted as web; api is no group of it/)
  })
  test('and is not, where the fleet is adopted by another group of it, then and later', async () => {
    const site = createSite(TWO_FLEETS)
    const { fleet, imago } = site.process()
    await site.settled(
      fleet
        .plan({ image: 'img-2', strategy: STRATEGY })
        .then((plan) => fleet.start(plan))
        .then((one) => one.run()),
    )
    await site.settled(imago.close())
    // The config follows what runs now, and stays so when that too has been replaced; the first name is good as ever.
    await rolled(site, 'img-3', 'web-v001')
    await rolled(site, 'img-2', 'web-v001')
    await rolled(site, 'img-3', 'web')
    expect([...site.cloud.truth.groups.values()].filter((one) => !one.retiring).map((one) => one.id)).toEqual(['api', 'web-v004'])
  })
})

test('two scripts that name one fleet differently meet in one lock and one history', async () => {
  const site = createSite()
  const one = site.process({ name: 'web' }).fleet
  const two = site.process({ name: 'shop-frontend' }).fleet
  const [plan, same] = await site.settled(
    Promise.all([one.plan({ image: 'img-2', strategy: STRATEGY }), two.plan({ image: 'img-3', strategy: STRATEGY })]),
  )
  const results = await site.settled(Promise.allSettled([one.start(plan), two.start(same)]))
  const started = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
  expect(started).toHaveLength(1)
  expect(refused).toEqual([expect.objectContaining({ code: 'rollout-in-progress' })])
  expect(refused.map((error) => isRolloutError(error, 'rollout-in-progress') && error.facts.rolloutId)).toEqual([started[0]?.id])
  await site.settled(Promise.all(started.map((rollout) => rollout.run())))
  // Asked under either name, and by one that never started anything.
  for (const name of ['web', 'shop-frontend', 'somebody-else'])
    expect((await site.settled(site.process({ name }).fleet.history())).map((report) => report.outcome)).toEqual(['promoted'])
})
