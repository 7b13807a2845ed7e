import assert from 'node:assert/strict'
import type { FleetTest } from '../fleet/declare.ts'
import type { RoutedBench } from '../fleet/routed-bench.ts'

/** All weights at once. */
export function weightTests(test: FleetTest<RoutedBench>): void {
  setting(test)
  conflicts(test)
  refusals(test)
}

/** Weights of a router that sends all of the traffic one way. */
export function wholeWeightTests(test: FleetTest<RoutedBench>): void {
  test('that are parts of the traffic are invalid, and stay', async (fleet) => {
    const { binding, second } = fleet
    const { all, most, rest } = await twoRoutes(fleet)
    await fleet.refused(fleet.setWeights({ [binding]: all }, { [binding]: most, [second]: rest }), 'invalid')
    assert.deepEqual(await fleet.weights(), { [binding]: all, [second]: 0 })
  })
}

/** Parts of the traffic. */
export function shareTests(test: FleetTest<RoutedBench>): void {
  test('are set as one whole; a route that is not named gets 0', async (fleet) => {
    const { binding, second } = fleet
    const { all, most, rest } = await twoRoutes(fleet)
    await fleet.accepted(fleet.setWeights({ [binding]: all }, { [binding]: most, [second]: rest }))
    assert.deepEqual(await fleet.weights(), { [binding]: most, [second]: rest })
    await fleet.accepted(fleet.setWeights({ [binding]: most, [second]: rest }, { [second]: all }))
    assert.deepEqual(await fleet.weights(), { [binding]: 0, [second]: all })
  })

  test('asked for again after they landed change nothing more', async (fleet) => {
    const { binding, second } = fleet
    const { all, most, rest } = await twoRoutes(fleet)
    const wanted = { [binding]: most, [second]: rest }
    await fleet.accepted(fleet.setWeights({ [binding]: all }, wanted, `${fleet.group}/once`))
    const end = await fleet.end(fleet.setWeights({ [binding]: all }, wanted, `${fleet.group}/once`))
    assert.ok(end === 'accepted' || end === 'conflict', `it ended as ${end}`)
    await fleet.settle()
    assert.deepEqual(await fleet.weights(), wanted)
  })
}

function setting(test: FleetTest<RoutedBench>): void {
  test('all go to another route in one write', async (fleet) => {
    const { binding, second } = fleet
    const { all } = await twoRoutes(fleet)
    await fleet.accepted(fleet.setWeights({ [binding]: all }, { [second]: all }))
    assert.deepEqual(await fleet.weights(), { [binding]: 0, [second]: all })
  })

  test('set to what they are stay as they are', async (fleet) => {
    const { all } = await twoRoutes(fleet)
    const before = await fleet.routes()
    await fleet.accepted(fleet.setWeights({ [fleet.binding]: all, [fleet.second]: 0 }, { [fleet.binding]: all }))
    assert.deepEqual(await fleet.routes(), before)
  })
}

function conflicts(test: FleetTest<RoutedBench>): void {
  test('that are not what was expected are a conflict, and stay', async (fleet) => {
    const { binding, second } = fleet
    const { all, most, rest } = await twoRoutes(fleet)
    const wanted = { [second]: all }
    const expectations = [{ [binding]: most, [second]: rest }, { [second]: all }, {}, { [binding]: all, [`${second}-none`]: 1 }]
    for (const expected of expectations) await fleet.refused(fleet.setWeights(expected, wanted), 'conflict')
    assert.deepEqual(await fleet.weights(), { [binding]: all, [second]: 0 })
  })
}

function refusals(test: FleetTest<RoutedBench>): void {
  test('for a route that is not there are not-found, and stay', async (fleet) => {
    const { all, most, rest } = await twoRoutes(fleet)
    const wanted = { [fleet.binding]: most, [`${fleet.second}-none`]: rest }
    await fleet.refused(fleet.setWeights({ [fleet.binding]: all }, wanted), 'not-found')
    assert.deepEqual(await fleet.weights(), { [fleet.binding]: all, [fleet.second]: 0 })
  })

  test('that are not whole numbers from 0 with the right sum are invalid, and stay', async (fleet) => {
    const { binding, second } = fleet
    const { all } = await twoRoutes(fleet)
    const wrong = [
      { [binding]: all + 1, [second]: -1 },
      { [binding]: all - 0.5, [second]: 0.5 },
      { [binding]: all, [second]: 1 },
      { [binding]: all - 1 },
      {},
    ]
    for (const wanted of wrong) await fleet.refused(fleet.setWeights({ [binding]: all }, wanted), 'invalid')
    assert.deepEqual(await fleet.weights(), { [binding]: all, [second]: 0 })
  })
}

/** Parts of the traffic that rest on what was read, until they land. */
export function conditionalShareTests(test: FleetTest<RoutedBench>): void {
  test('of two writes at once that expect the same one lands', async (fleet) => {
    const { binding, second } = fleet
    const { all, most, rest } = await twoRoutes(fleet)
    const expected = { [binding]: all }
    const one = { [binding]: most, [second]: rest }
    const other = { [second]: all }
    await Promise.all(
      [fleet.setWeights(expected, one), fleet.setWeights(expected, other)].map(async (call) => await settled(fleet, call)),
    )
    await fleet.settle()
    const end = await fleet.weights()
    const stale = end[second] === rest ? other : one
    assert.ok(end[second] === rest || end[second] === all, `the weights are ${JSON.stringify(end)}`)
    await fleet.refused(fleet.setWeights(expected, stale), 'conflict')
    assert.deepEqual(await fleet.weights(), end)
  })
}

/** Weights that rest on what was read, until they land. */
export function conditionalWeightTests(test: FleetTest<RoutedBench>): void {
  test('give another version with each change', async (fleet) => {
    const { all } = await twoRoutes(fleet)
    const before = (await fleet.routes()).routing.version
    await fleet.accepted(fleet.setWeights({ [fleet.binding]: all }, { [fleet.second]: all }))
    assert.notEqual((await fleet.routes()).routing.version, before)
  })
}

async function settled(fleet: RoutedBench, call: Promise<unknown>): Promise<void> {
  const end = await fleet.end(call)
  assert.ok(end === 'accepted' || end === 'conflict', `a write ended as ${end}`)
}

/** Prepares a second route. @returns all units, and two parts of them. */
async function twoRoutes(fleet: RoutedBench): Promise<{ readonly all: number; readonly most: number; readonly rest: number }> {
  await fleet.accepted(fleet.prepare())
  const all = fleet.routing.units
  const rest = Math.max(1, Math.floor(all / 4))
  return { all, most: all - rest, rest }
}
