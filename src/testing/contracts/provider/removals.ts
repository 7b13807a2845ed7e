import assert from 'node:assert/strict'
import { idsOf, type FleetBench } from '../fleet/bench.ts'
import type { FleetTest } from '../fleet/declare.ts'

/** Instances that go by name. */
export function removeTests(test: FleetTest<FleetBench>): void {
  naming(test)
  sizing(test)
}

const three = { size: 3 }

function naming(test: FleetTest<FleetBench>): void {
  test(
    'takes those that are named and no others, and that is no failure',
    async (fleet) => {
      const before = await fleet.healthy(3)
      const [victim = '', ...others] = idsOf(before)
      await remove(fleet, [victim], { [before.release]: 2 })
      const left = (await fleet.show()).instances.find((one) => one.id === victim)
      assert.ok(left === undefined || left.state === 'terminating', `${victim} is ${left?.state}`)
      const after = await fleet.healthy(2)
      assert.deepEqual([idsOf(after), after.sizes], [others, { [before.release]: 2 }])
      assert.equal(after.failures.count, before.failures.count)
    },
    three,
  )

  test(
    'asked for twice takes no one else; those that are gone are no error',
    async (fleet) => {
      const before = await fleet.healthy(3)
      const [victim = '', ...others] = idsOf(before)
      await remove(fleet, [victim, `${fleet.group}-none`], { [before.release]: 2 })
      await remove(fleet, [victim, `${fleet.group}-none`], { [before.release]: 2 })
      assert.deepEqual(idsOf(await fleet.healthy(2)), others)
      await remove(fleet, [victim], { [before.release]: 2 })
      assert.deepEqual(idsOf(await fleet.healthy(2)), others)
    },
    three,
  )

  test('of an absent group is not-found', async (fleet) => {
    const { release } = await fleet.show()
    const call = fleet.provider.remove(fleet.target, `${fleet.group}-none`, [], { [release]: 0 }, fleet.call())
    await fleet.refused(call, 'not-found')
  })
}

function sizing(test: FleetTest<FleetBench>): void {
  test(
    'with the size as before launches others instead',
    async (fleet) => {
      const before = await fleet.healthy(2)
      const [victim = '', stays = ''] = idsOf(before)
      await remove(fleet, [victim], { [before.release]: 2 })
      const after = await fleet.healthy(2)
      assert.ok(idsOf(after).includes(stays) && !idsOf(after).includes(victim), `${idsOf(after).join(' ')} without ${victim}`)
    },
    { size: 2 },
  )

  test(
    'ends nobody whom it does not name: where more stay than the size says, it is what stays',
    async (fleet) => {
      const before = await fleet.healthy(3)
      const [victim = '', ...others] = idsOf(before)
      await remove(fleet, [], { [before.release]: 1 })
      const unchanged = await fleet.healthy(3)
      assert.deepEqual([idsOf(unchanged), unchanged.sizes], [idsOf(before), { [before.release]: 3 }])
      await remove(fleet, [victim], { [before.release]: 0 })
      const after = await fleet.healthy(2)
      assert.deepEqual([idsOf(after), after.sizes], [others, { [before.release]: 2 }])
    },
    three,
  )

  test(
    'never makes a group larger',
    async (fleet) => {
      const { release } = await fleet.healthy(1)
      await remove(fleet, [`${fleet.group}-none`], { [release]: 2 })
      assert.deepEqual((await fleet.show()).sizes, { [release]: 1 })
    },
    { size: 1 },
  )
}

/** The end of a group. */
export function retireTests(test: FleetTest<FleetBench>): void {
  test(
    'a retired group goes with its instances, and the others stay',
    async (fleet) => {
      await fleet.ensure(1)
      await fleet.healthy(1, fleet.candidate)
      const before = await fleet.healthy(1)
      await retire(fleet, fleet.candidate)
      const leaving = await fleet.find(fleet.candidate)
      assert.deepEqual(
        (leaving?.instances ?? []).filter((one) => one.state !== 'terminating'),
        [],
      )
      await gone(fleet, fleet.candidate)
      assert.deepEqual(await fleet.show(), before)
    },
    { size: 1 },
  )

  test('retired twice is retired once; an absent group is no error', async (fleet) => {
    await fleet.ensure(0)
    await retire(fleet, fleet.candidate)
    await retire(fleet, fleet.candidate)
    await gone(fleet, fleet.candidate)
    await retire(fleet, fleet.candidate)
    await retire(fleet, `${fleet.group}-none`)
    assert.notEqual(await fleet.find(), undefined)
  })

  test('a retired group cannot be resized any more', async (fleet) => {
    await fleet.ensure(1)
    const { release } = await fleet.show(fleet.candidate)
    await retire(fleet, fleet.candidate)
    const call = fleet.provider.resize(fleet.target, fleet.candidate, { [release]: 2 }, undefined, fleet.call())
    await fleet.refused(call, 'not-found', 'conflict')
  })
}

async function remove(fleet: FleetBench, ids: readonly string[], sizesAfter: Readonly<Record<string, number>>): Promise<void> {
  await fleet.accepted(fleet.provider.remove(fleet.target, fleet.group, ids, sizesAfter, fleet.call()))
}

async function retire(fleet: FleetBench, group: string): Promise<void> {
  await fleet.accepted(fleet.provider.retire(fleet.target, group, fleet.call()))
}

/** Asks again until the group is not there any more. */
async function gone(fleet: FleetBench, group: string): Promise<void> {
  await fleet.until('the group is gone', async () => {
    if ((await fleet.find(group)) === undefined) return true
    await retire(fleet, group)
    return false
  })
}
