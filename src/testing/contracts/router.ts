import { adopting } from './fleet/bench.ts'
import { given, providerFactsOf, where, withFleet, type FleetTest } from './fleet/declare.ts'
import { RoutedBench, type RoutedFacts } from './fleet/routed-bench.ts'
import type { FleetContractOptions, RoutedSite } from './fleet/site.ts'
import type { Harness } from './harness.ts'
import { routeLookTests, unhealthyRouteTests } from './router/looks.ts'
import { joinTests } from './router/joining.ts'
import { leaveTests } from './router/leaving.ts'
import { routerLetGoTests } from './router/let-go.ts'
import { requestTests, weightedRequestTests } from './router/requests.ts'
import { releaseTests, routeTests } from './router/routes.ts'
import { conditionalShareTests, conditionalWeightTests, shareTests, weightTests, wholeWeightTests } from './router/weights.ts'
import { realTime } from './time.ts'

/**
 * Declares the tests that every `TrafficRouter` must pass: each sentence of the port is one of them or more.
 *
 * The provider beside it makes the groups; it should have passed its own suite. What the router's facts say no to is shown as
 * skipped, with the reason.
 */
export async function routerContract(harness: Harness, options: FleetContractOptions<RoutedSite>): Promise<void> {
  const facts = await factsOf(options)
  const test: FleetTest<RoutedBench> = (name, body, wanted = {}) =>
    harness.it(name, () => withFleet(options, wanted, (site) => body(new RoutedBench(options, site, facts))))
  harness.describe('a traffic router', () => {
    harness.describe('its looks', () => routeLookTests(test))
    harness.describe('joining', () => joinTests(test))
    harness.describe('leaving', () => leaveTests(test))
    harness.describe('letting go', () => routerLetGoTests(test))
    const requests = given(options.send, 'the site cannot send requests')
    where(harness, 'requests', requests, () => {
      requestTests(test)
      where(harness, 'requests by weight', facts.router.weights, () => weightedRequestTests(test))
    })
    where(harness, 'weights', facts.router.weights, () => {
      weightTests(test)
      routeTests(test)
      releaseTests(test)
      where(harness, 'conditional weights', facts.router.conditional, () => conditionalWeightTests(test))
      const { shares = { can: true } } = facts.router
      if (!shares.can) wholeWeightTests(test)
      where(harness, 'parts of the traffic', shares, () => {
        shareTests(test)
        where(harness, 'conditional parts', facts.router.conditional, () => conditionalShareTests(test))
      })
    })
    const unhealthy = given(options.images.unhealthy, 'the site has no image whose instances never become healthy')
    where(harness, 'instances that never become healthy', unhealthy, () => unhealthyRouteTests(test))
  })
}

async function factsOf(options: FleetContractOptions<RoutedSite>): Promise<RoutedFacts> {
  const provider = await providerFactsOf(options)
  const router = await withFleet(options, {}, async (site) => {
    const { group, time = realTime } = site
    const context = { signal: new AbortController().signal, token: `${group}/facts` }
    return (await time.settled(site.router.look(adopting(group), context))).facts
  })
  return { provider, router }
}
