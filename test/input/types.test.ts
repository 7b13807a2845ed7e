import {
  blueGreen,
  canary,
  clone,
  createImago,
  defineStrategy,
  rolling,
  type ImageAlias,
  type ImageRef,
  type Plan,
  type RouterLimits,
  type TrafficRouter,
} from 'imago'
import { local, localBalancer, tag } from 'imago/local'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { createSite, processOn, type Site } from '../kit/index.ts'

// What does not compile is what is refused at run time: each line that the compiler must refuse is run all the same.

describe('what does not compile is refused at run time too, by name, before anything is touched', () => {
  test('a check that is not registered', async () => {
    const site = createSite()
    const { fleet, imago } = startProcess(site)
    const refusals = [
      // @ts-expect-error: the check is called answers
      () => fleet.plan({ image: 'img-2', strategy: canary({ weights: [5], verify: ['answes'] }) }),
      // @ts-expect-error: the same
      () => fleet.plan({ image: 'img-2', strategy: blueGreen({ verify: ['answes'] }) }),
      // @ts-expect-error: the same
      () => fleet.plan({ image: 'img-2', strategy: rolling({ verify: ['answes'] }) }),
      // @ts-expect-error: the same
      () => fleet.plan({ image: 'img-2', strategy: defineStrategy({ ...OWN, checks: ['answes'] }) }),
      // @ts-expect-error: the same
      () => imago.fleet('b', { ...GROUP, health: { probes: [{ check: 'answes' }] } }).plan(SPEC),
      // @ts-expect-error: the same
      () => imago.fleet('c', { ...GROUP, drain: { hook: { check: 'answes' } } }).plan(SPEC),
    ]
    for (const refusal of refusals)
      expect(await problems(site, refusal)).toContainEqual(
        expect.objectContaining({ found: '"answes"', allowed: 'answers, drained' }),
      )
    await site.settled(fleet.plan({ image: 'img-2', strategy: canary({ weights: [5], verify: ['answers'] }) }))
  })

  test('a provider that is not registered', async () => {
    const site = createSite()
    const { imago } = startProcess(site)
    // @ts-expect-error: the provider is called cloud
    const refusal = async () => imago.fleet('other', { provider: 'clod', groups: clone({ adopt: 'other' }) })
    expect(await problems(site, refusal)).toEqual([{ path: 'provider', found: '"clod"', allowed: 'cloud' }])
  })

  test('blue/green, or a strategy of one’s own that needs weights, where the router has none', async () => {
    const site = createSite({ router: { weights: false } })
    const { imago } = startProcess(site)
    const router = withLimits(site.cloud.router ?? expect.fail(), { weights: false })
    const byCount = imago.fleet('by-count', { provider: 'cloud', groups: clone({ adopt: 'web' }), traffic: router })
    const workers = imago.fleet('workers', { provider: 'cloud', groups: clone({ adopt: 'web' }) })
    const weighted = defineStrategy({ ...OWN, needs: 'weights' })
    const refusals = [
      // @ts-expect-error: it has no weights
      () => byCount.plan({ image: 'img-2', strategy: blueGreen() }),
      // @ts-expect-error: it has no router
      () => workers.plan({ image: 'img-2', strategy: blueGreen() }),
      // @ts-expect-error: it has no weights
      () => byCount.plan({ image: 'img-2', strategy: weighted }),
      // @ts-expect-error: nor is it rolled so
      () => byCount.roll({ image: 'img-2', strategy: blueGreen() }),
      // @ts-expect-error: nor imported
      () => byCount.import({ strategy: weighted, takeOver: 'x' }),
    ]
    for (const refusal of refusals.slice(0, 4))
      expect(await problems(site, refusal)).toEqual([
        expect.objectContaining({ path: 'strategy', found: expect.stringContaining('weights') }),
      ])
    await site.settled(byCount.plan({ image: 'img-2', strategy: rolling() }))
    await site.settled(byCount.plan({ image: 'img-2', strategy: canary({ weights: [50] }) }))
  })
})

test('a router whose weights are only known at run time may be asked for blue/green', async () => {
  const site = createSite()
  expectTypeOf(site.cloud.router).toEqualTypeOf<TrafficRouter<{ weights: boolean }> | undefined>()
  await site.settled(startProcess(site).fleet.plan({ image: 'img-2', strategy: blueGreen() }))
})

test('the local balancer has weights by its type', () => {
  expectTypeOf(localBalancer(local({ home: '.' }), { name: 'web' })).toEqualTypeOf<TrafficRouter<{ weights: true }>>()
})

test('the image of a plan is a reference: a plan with an alias in it cannot be written', async () => {
  expectTypeOf<Plan['image']>().toEqualTypeOf<ImageRef>()
  expectTypeOf(tag('web:latest')).toEqualTypeOf<ImageAlias>()
  expectTypeOf<ImageAlias>().not.toExtend<ImageRef>()
  const site = createSite()
  const { fleet } = startProcess(site)
  const plan = await site.settled(fleet.plan({ image: 'img-2', strategy: rolling() }))
  // @ts-expect-error: an alias is no image
  const written: Plan = { ...plan, image: tag('web:latest') }
  expect(await problems(site, () => fleet.start(written))).toMatchObject([
    { path: 'id', allowed: expect.stringContaining('as it was made') },
  ])
  // @ts-expect-error: nor can it be changed afterwards
  expect(() => (plan.image.id = 'img-1')).toThrow(TypeError)
})

const GROUP = { provider: 'cloud', groups: clone({ adopt: 'web' }) } as const
const SPEC = { image: 'img-2', strategy: rolling() } as const
const OWN = { name: 'own', version: 1, options: {}, plan: () => ({ waypoints: [], back: [], notes: [] }) } as const

/** A process whose registered names the compiler knows. */
function startProcess(site: Site) {
  const { answers, drained } = site.cloud.checks
  const imago = createImago({ ...processOn(site, 'first'), checks: { answers, drained } })
  const traffic = site.cloud.router ?? expect.fail('this site has a router')
  return { imago, fleet: imago.fleet('web', { provider: 'cloud', groups: clone({ adopt: 'web' }), traffic }) }
}

/** What an attempt is refused for; nothing may have been touched by then. */
async function problems(site: Site, attempt: () => Promise<unknown>): Promise<unknown> {
  const failure = await site.settled(attempt().catch((error: unknown) => error))
  expect(failure).toMatchObject({ code: 'spec-invalid' })
  expect(site.cloud.calls.writes).toBe(0)
  expect(await site.store.list('')).toEqual([])
  return (failure as { facts: { problems: unknown } }).facts.problems
}

function withLimits<Limits extends RouterLimits>(router: TrafficRouter, limits: Limits): TrafficRouter<Limits> {
  return { ...router, limits }
}
