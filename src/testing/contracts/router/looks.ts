import assert from 'node:assert/strict'
import { idsOf, present } from '../fleet/bench.ts'
import { faultsOf, ruleFaults, type FleetTest } from '../fleet/declare.ts'
import type { RoutedBench } from '../fleet/routed-bench.ts'
import { launchesOf } from '../fleet/launches.ts'

/** What a look at the routing says. */
export function routeLookTests(test: FleetTest<RoutedBench>): void {
  identity(test)
  contents(test)
  absence(test)
}

function identity(test: FleetTest<RoutedBench>): void {
  test('says what it is, and never more than it is typed to be', async ({ router, routing }) => {
    assert.equal(router.contract, 1)
    assert.notEqual(router.kind, '')
    if (routing.weights.can) assert.equal(router.limits.weights, true)
  })

  test('says what a route may be called that is made, where it may not be called anything', async ({ router, second }) => {
    assert.deepEqual(ruleFaults(router.names, [second]), [])
  })

  test('says what it can do here, each no with its reason and each time as one', async (fleet) => {
    const { facts } = await fleet.routes()
    assert.deepEqual(faultsOf(facts), [])
    assert.deepEqual(facts, fleet.routing)
    if (facts.weights.can) assert.ok(Number.isInteger(facts.units) && facts.units >= 1, `${facts.units} units`)
  })
}

function contents(test: FleetTest<RoutedBench>): void {
  test('shows the route of the fleet with all the traffic, and the group in it', async (fleet) => {
    const { routing } = await fleet.routes()
    const route = await fleet.showRoute(fleet.binding)
    assert.deepEqual(route.groups, [fleet.group])
    if (fleet.routing.weights.can) assert.deepEqual(await fleet.weights(), { [fleet.binding]: fleet.routing.units })
    assert.deepEqual(JSON.parse(JSON.stringify(routing)), routing)
    assert.equal(typeof routing.version, fleet.routing.conditional.can ? 'string' : 'undefined')
  })

  test(
    'sees every healthy instance of a joined group as in',
    async (fleet) => {
      await fleet.seenAs(idsOf(await fleet.healthy(2)), 'in')
    },
    { size: 2 },
  )

  test('says the same while nothing happens: looking changes nothing', async (fleet) => {
    const first = await fleet.routes()
    assert.deepEqual(await fleet.routes(), first)
  })
}

function absence(test: FleetTest<RoutedBench>): void {
  test('a router resource that is not there is not-found, for looks and for changes', async (fleet) => {
    const { target, binding, group, site } = fleet
    const { nowhere } = site
    const all = { [binding]: fleet.routing.units }
    await fleet.refused(nowhere.look(target, fleet.call()), 'not-found')
    await fleet.refused(nowhere.prepare(target, fleet.second, fleet.call()), 'not-found')
    await fleet.refused(nowhere.join(target, binding, group, fleet.call()), 'not-found')
    await fleet.refused(nowhere.setWeights(target, all, all, fleet.call()), 'not-found')
  })
}

/** Instances that run and never become healthy. */
export function unhealthyRouteTests(test: FleetTest<RoutedBench>): void {
  test('an instance that is not healthy is never in', async (fleet) => {
    const image = present(fleet.images.unhealthy, 'the image')
    const { ids } = await launchesOf(fleet, image, 1, fleet.binding)
    assert.ok((await fleet.showRoute(fleet.binding)).groups.includes(ids[0]))
    await fleet.always(async () => {
      const seen = await fleet.seen(idsOf(await fleet.show(...ids)))
      assert.deepEqual(
        seen.filter((state) => state === 'in'),
        [],
      )
    })
  })
}
