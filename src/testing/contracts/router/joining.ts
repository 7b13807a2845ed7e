import assert from 'node:assert/strict'
import { idsOf } from '../fleet/bench.ts'
import type { FleetTest } from '../fleet/declare.ts'
import type { RoutedBench } from '../fleet/routed-bench.ts'

/** Groups that receive what a route receives. */
export function joinTests(test: FleetTest<RoutedBench>): void {
  joining(test)
  joiningEarly(test)
  refusals(test)
}

function joining(test: FleetTest<RoutedBench>): void {
  test('a group that joins has its present instances in, and its future ones', async (fleet) => {
    await fleet.ensure(1)
    const before = await fleet.healthy(1, fleet.candidate)
    await fleet.accepted(fleet.join(fleet.binding, fleet.candidate))
    assert.deepEqual((await fleet.showRoute(fleet.binding)).groups.toSorted(), [fleet.group, fleet.candidate])
    await fleet.seenAs(idsOf(before), 'in')
    await fleet.ensure(2)
    await fleet.seenAs(idsOf(await fleet.healthy(2, fleet.candidate)), 'in')
  })

  test('joined twice is joined once', async (fleet) => {
    const before = await fleet.routes()
    await fleet.accepted(fleet.join(fleet.binding, fleet.group))
    assert.deepEqual(await fleet.routes(), before)
  })

  test('a group that is retired is in no route any more', async (fleet) => {
    await fleet.ensure(0)
    await fleet.accepted(fleet.join(fleet.binding, fleet.candidate))
    await fleet.accepted(fleet.provider.retire(fleet.target, fleet.candidate, fleet.call()))
    await fleet.until(
      'the group has gone from the route',
      async () => !(await fleet.showRoute(fleet.binding)).groups.includes(fleet.candidate),
    )
  })
}

function joiningEarly(test: FleetTest<RoutedBench>): void {
  test('instances of a group that is made for a route are in as they become healthy', async (fleet) => {
    await fleet.ensure(1, { binding: fleet.binding })
    assert.ok((await fleet.showRoute(fleet.binding)).groups.includes(fleet.candidate))
    await fleet.seenAs(idsOf(await fleet.healthy(1, fleet.candidate)), 'in')
  })

  test('a group that is made for a route that is not there is not-found, and is not made', async (fleet) => {
    const request = await fleet.request(0, { binding: `${fleet.binding}-none` })
    await fleet.refused(fleet.provider.ensureGroup(fleet.target, request, fleet.call()), 'not-found')
    assert.equal(await fleet.find(fleet.candidate), undefined)
  })

  test('a group that is made for no route is in none', async (fleet) => {
    await fleet.ensure(1)
    const { routing } = await fleet.routes()
    assert.deepEqual(
      routing.routes.filter((route) => route.groups.includes(fleet.candidate)),
      [],
    )
    const seen = await fleet.seen(idsOf(await fleet.healthy(1, fleet.candidate)))
    assert.deepEqual(seen, ['out'])
  })
}

function refusals(test: FleetTest<RoutedBench>): void {
  test('an absent route or group is not-found, and nothing changes', async (fleet) => {
    const before = await fleet.routes()
    await fleet.refused(fleet.join(`${fleet.binding}-none`, fleet.group), 'not-found')
    await fleet.refused(fleet.join(fleet.binding, `${fleet.group}-none`), 'not-found')
    assert.deepEqual(await fleet.routes(), before)
  })
}
