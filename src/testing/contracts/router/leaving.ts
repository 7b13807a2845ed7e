import assert from 'node:assert/strict'
import { idsOf } from '../fleet/bench.ts'
import type { FleetTest } from '../fleet/declare.ts'
import type { RoutedBench } from '../fleet/routed-bench.ts'

/** Instances and groups that get nothing new. */
export function leaveTests(test: FleetTest<RoutedBench>): void {
  instances(test)
  groups(test)
  absence(test)
}

function instances(test: FleetTest<RoutedBench>): void {
  const two = { size: 2 }
  test(
    'an instance that left gets nothing new and is out in the end; the others stay in, and it lives on',
    async (fleet) => {
      const [leaver = '', stays = ''] = await inRoute(fleet, 2)
      await fleet.accepted(fleet.leave(fleet.binding, fleet.group, [leaver]))
      const [left] = await fleet.seen([leaver])
      assert.ok(left === 'draining' || left === 'out', `${leaver} is ${left}`)
      await fleet.seenAs([leaver], 'out')
      assert.deepEqual(await fleet.seen([stays]), ['in'])
      assert.deepEqual(idsOf(await fleet.healthy(2)), [leaver, stays].toSorted())
      assert.deepEqual((await fleet.showRoute(fleet.binding)).groups, [fleet.group])
    },
    two,
  )

  test(
    'left twice is left once, and joining its group does not bring it back',
    async (fleet) => {
      const [leaver = '', stays = ''] = await inRoute(fleet, 2)
      for (const _again of [1, 2]) await fleet.accepted(fleet.leave(fleet.binding, fleet.group, [leaver]))
      await fleet.accepted(fleet.join(fleet.binding, fleet.group))
      await fleet.seenAs([leaver], 'out')
      assert.deepEqual(await fleet.seen([stays]), ['in'])
    },
    two,
  )

  test(
    'an instance that comes after is in',
    async (fleet) => {
      const [leaver = ''] = await inRoute(fleet, 1)
      await fleet.accepted(fleet.leave(fleet.binding, fleet.group, [leaver]))
      const { release } = await fleet.show()
      await fleet.accepted(fleet.resize({ [release]: 2 }))
      const next = idsOf(await fleet.healthy(2)).filter((id) => id !== leaver)
      await fleet.seenAs(next, 'in')
      await fleet.seenAs([leaver], 'out')
    },
    { size: 1 },
  )
}

function groups(test: FleetTest<RoutedBench>): void {
  test(
    'a group that left is joined no more, nor are its instances of later, until it joins again',
    async (fleet) => {
      await inRoute(fleet, 1)
      await fleet.accepted(fleet.leave(fleet.binding, fleet.group, 'all'))
      assert.deepEqual((await fleet.showRoute(fleet.binding)).groups, [])
      const { release } = await fleet.show()
      await fleet.accepted(fleet.resize({ [release]: 2 }))
      const all = idsOf(await fleet.healthy(2))
      await fleet.seenAs(all, 'out')
      await fleet.accepted(fleet.leave(fleet.binding, fleet.group, 'all'))
      await fleet.accepted(fleet.join(fleet.binding, fleet.group))
      assert.deepEqual((await fleet.showRoute(fleet.binding)).groups, [fleet.group])
      await fleet.seenAs(all, 'in')
    },
    { size: 1 },
  )

  test('leaves the weights as they are', async (fleet) => {
    const before = await fleet.weights()
    await fleet.accepted(fleet.leave(fleet.binding, fleet.group, 'all'))
    assert.deepEqual(await fleet.weights(), before)
  })
}

function absence(test: FleetTest<RoutedBench>): void {
  test('absent routes, groups and instances are no error, and nothing changes', async (fleet) => {
    const before = await fleet.routes()
    await fleet.accepted(fleet.leave(`${fleet.binding}-none`, fleet.group, 'all'))
    await fleet.accepted(fleet.leave(fleet.binding, `${fleet.group}-none`, 'all'))
    await fleet.accepted(fleet.leave(fleet.binding, fleet.group, []))
    await fleet.accepted(fleet.leave(fleet.binding, fleet.group, [`${fleet.group}-none`]))
    assert.deepEqual(await fleet.routes(), before)
  })
}

/** The instances of the fleet's group, once they are in its route. */
async function inRoute(fleet: RoutedBench, count: number): Promise<string[]> {
  const ids = idsOf(await fleet.healthy(count))
  await fleet.seenAs(ids, 'in')
  return ids
}
