import { blueGreen, canary, inPlace, rolling, slots, type FleetProvider, type RolloutSpec } from 'imago'
import { describe, expect, test } from 'vitest'
import { createSite, pathsOf } from '../kit/index.ts'

const STRATEGY = canary({ weights: [50] })
const given = (spec: unknown) => spec as RolloutSpec

function withoutSlots(provider: FleetProvider): Partial<FleetProvider> {
  const no = { can: false, why: 'nobody owns two', instead: 'clone({ adopt })' } as const
  return {
    async describe(target, context) {
      const look = await provider.describe(target, context)
      return { ...look, facts: { ...look.facts, slots: no } }
    },
  }
}

describe('everything that is wrong is said at once', () => {
  test('with the spec, the strategy, what it names, the fleet and the image', async () => {
    const site = createSite({ router: { weights: false } })
    const spec = { health: { probes: [{ check: 'alive' }] }, drain: { hook: { check: 'idle' } } } as const
    const { fleet } = site.process({ spec, groups: slots('web', 'web-b'), provider: withoutSlots(site.cloud.provider) })
    const strategy = canary({ weights: [50, 5], verify: ['smoke'], bake: 'x' as '1s' })
    const error = await site.refused(
      fleet.plan(given({ image: 'nope nope', expires: 'soon', colour: 1, strategy })),
      'spec-invalid',
    )
    expect(pathsOf(error)).toEqual([
      'expires',
      'colour',
      'strategy.weights',
      'strategy.bake',
      'strategy.verify[0]',
      'health.probes[0].check',
      'drain.hook.check',
      'image',
      'groups',
    ])
  })
  test.for([
    ['no spec', undefined, ['']],
    ['a text', 'img-2', ['']],
    ['nothing in it', {}, ['strategy', 'image']],
    ['no strategy', { image: 'img-2' }, ['strategy']],
    ['a name for a strategy', { image: 'img-2', strategy: 'canary' }, ['strategy']],
    ['an image that is a number', { image: 5, strategy: STRATEGY }, ['image']],
    ['launch settings that are a text', { launch: 'x', strategy: STRATEGY }, ['launch']],
    ['a canary without options', { image: 'img-2', strategy: (canary as () => typeof STRATEGY)() }, ['strategy']],
    ['an image that is not there', { image: 'img-9', strategy: STRATEGY }, ['image']],
  ] as const)('%s', async ([, spec, paths]) => {
    const site = createSite()
    const error = await site.refused(site.process().fleet.plan(given(spec)), 'spec-invalid')
    expect(pathsOf(error)).toEqual(paths)
  })
  test('where the fleet cannot be met either', async () => {
    const site = createSite()
    const spec = given({ image: 'img-2', strategy: STRATEGY, expires: 'soon' })
    const { fleet } = site.process({ groups: inPlace('web', { stable: 'img-7' }) })
    expect(pathsOf(await site.refused(fleet.plan(spec), 'spec-invalid'))).toEqual(['expires', 'groups'])
  })
})

describe('what only the fleet cannot do is unsupported', () => {
  test('a placement that the provider says no to', async () => {
    const site = createSite()
    const { fleet } = site.process({ groups: slots('web', 'web-b'), provider: withoutSlots(site.cloud.provider) })
    const error = await site.refused(fleet.plan({ image: 'img-2', strategy: blueGreen() }), 'unsupported')
    expect(error.facts.problems).toContainEqual({
      path: 'groups',
      found: 'slots, but nobody owns two',
      allowed: 'clone({ adopt })',
    })
  })
  test('the image that runs already', async () => {
    const site = createSite()
    const error = await site.refused(site.process().fleet.plan({ image: 'img-1', strategy: STRATEGY }), 'unsupported')
    expect(pathsOf(error)).toEqual(['image'])
  })
  test('without any source of health, unless the fleet says that running is enough', async () => {
    const site = createSite({ router: false })
    const blind: Partial<FleetProvider> = {
      async describe(target, context) {
        const look = await site.cloud.provider.describe(target, context)
        return { ...look, facts: { ...look.facts, health: [] } }
      },
    }
    const refused = site.process({ provider: blind }).fleet.plan({ image: 'img-2', strategy: rolling() })
    expect(pathsOf(await site.refused(refused, 'unsupported'))).toEqual(['health'])
    const { fleet } = site.process({ provider: blind, spec: { health: { none: true } } })
    expect((await site.settled(fleet.plan({ image: 'img-2', strategy: rolling() }))).health.none).toBe(true)
  })
})
