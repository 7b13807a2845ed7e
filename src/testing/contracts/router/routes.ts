import assert from 'node:assert/strict'
import type { FleetTest } from '../fleet/declare.ts'
import type { RoutedBench } from '../fleet/routed-bench.ts'

/** Routes that are made. */
export function routeTests(test: FleetTest<RoutedBench>): void {
  test('a route is made at weight 0 with nobody in it, and takes nothing from the others', async (fleet) => {
    const before = await fleet.showRoute(fleet.binding)
    await fleet.accepted(fleet.prepare())
    const { weight, groups, preview } = await fleet.showRoute(fleet.second)
    assert.deepEqual([weight, groups], [0, []])
    assert.equal(typeof preview?.url, fleet.routing.preview.can ? 'string' : 'undefined')
    const { preview: _moved, ...after } = await fleet.showRoute(fleet.binding)
    const { preview: _own, ...stays } = before
    assert.deepEqual(after, stays)
  })

  test('made twice is made once', async (fleet) => {
    await fleet.accepted(fleet.prepare())
    const once = await fleet.routes()
    await fleet.accepted(fleet.prepare())
    assert.deepEqual(await fleet.routes(), once)
  })

  test('one that is there keeps its weight and its groups, and can be reached at once where a route can', async (fleet) => {
    const { preview: _elsewhere, ...before } = await fleet.showRoute(fleet.binding)
    await fleet.accepted(fleet.prepare())
    await fleet.accepted(fleet.prepare(fleet.binding))
    const { preview, ...after } = await fleet.showRoute(fleet.binding)
    assert.deepEqual(after, before)
    assert.equal(typeof preview?.url, fleet.routing.preview.can ? 'string' : 'undefined')
  })

  test('a group made for a route at weight 0 is in that route alone', async (fleet) => {
    await fleet.accepted(fleet.prepare())
    await fleet.ensure(0, { binding: fleet.second })
    assert.deepEqual((await fleet.showRoute(fleet.second)).groups, [fleet.candidate])
    assert.deepEqual((await fleet.showRoute(fleet.binding)).groups, [fleet.group])
  })
}

/** Routes that are deleted. */
export function releaseTests(test: FleetTest<RoutedBench>): void {
  test('a released route is gone; released twice, or never there, is no error', async (fleet) => {
    await fleet.accepted(fleet.prepare())
    for (const _again of [1, 2]) await fleet.accepted(fleet.releaseRoute(fleet.second))
    await fleet.accepted(fleet.releaseRoute(`${fleet.second}-none`))
    assert.deepEqual(await fleet.weights(), { [fleet.binding]: fleet.routing.units })
  })

  test('a route with weight is a conflict, and stays', async (fleet) => {
    const before = await fleet.routes()
    await fleet.refused(fleet.releaseRoute(fleet.binding), 'conflict')
    assert.deepEqual(await fleet.routes(), before)
  })

  test('a late write that names a released route is refused', async (fleet) => {
    const { binding, second, routing } = fleet
    await fleet.accepted(fleet.prepare())
    await fleet.accepted(fleet.releaseRoute(second))
    const late = fleet.setWeights({ [binding]: routing.units }, { [second]: routing.units })
    await fleet.refused(late, 'not-found')
    await fleet.refused(fleet.join(second, fleet.group), 'not-found')
    await fleet.accepted(fleet.leave(second, fleet.group, 'all'))
    assert.equal(await fleet.findRoute(second), undefined)
  })

  test('a route that still has groups can be released, and they are there afterwards', async (fleet) => {
    await fleet.accepted(fleet.prepare())
    await fleet.ensure(0, { binding: fleet.second })
    await fleet.accepted(fleet.releaseRoute(fleet.second))
    assert.equal(await fleet.findRoute(fleet.second), undefined)
    assert.notEqual(await fleet.find(fleet.candidate), undefined)
  })
}
