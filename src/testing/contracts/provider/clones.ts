import assert from 'node:assert/strict'
import { present, type FleetBench } from '../fleet/bench.ts'
import type { FleetTest } from '../fleet/declare.ts'

/** A group of its own for each generation. */
export function cloneTests(test: FleetTest<FleetBench>): void {
  making(test)
  repeating(test)
  refusals(test)
}

function making(test: FleetTest<FleetBench>): void {
  test(
    'makes a group like another, marked with its rollout, which becomes healthy',
    async (fleet) => {
      const { release } = await fleet.resolve(fleet.images.other)
      await fleet.ensure(2)
      const made = await fleet.show(fleet.candidate)
      assert.deepEqual([made.release, made.sizes, made.max, made.createdBy], [release.id, { [release.id]: 2 }, 9, 'contract#1'])
      assert.deepEqual((await fleet.look()).releases[release.id]?.image, release.image)
      const { instances } = await fleet.healthy(2, fleet.candidate)
      assert.deepEqual(
        instances.map((one) => one.release),
        [release.id, release.id],
      )
      assert.equal((await fleet.show(fleet.candidate)).failures.count, 0)
    },
    { max: 9 },
  )

  test('is of the same fleet, and leaves the group beside it alone', async (fleet) => {
    const before = await fleet.look()
    await fleet.ensure(1)
    const after = await fleet.look()
    assert.equal(after.fleet, before.fleet)
    assert.deepEqual(after.groups.map((group) => group.id).toSorted(), [fleet.group, fleet.candidate])
    assert.deepEqual(await fleet.show(), before.groups[0])
  })

  test('is found by the id of the fleet, also when the group it was made like is gone', async (fleet) => {
    const { fleet: id } = await fleet.look()
    await fleet.ensure(0)
    const target = { ...fleet.target, id }
    await fleet.accepted(fleet.provider.retire(target, fleet.group, fleet.call()))
    await fleet.until('the first group is gone', async () => (await fleet.find(fleet.group, target)) === undefined)
    const { fleet: still, groups } = await fleet.look(target)
    assert.equal(still, id)
    assert.deepEqual(
      groups.map((group) => group.id),
      [fleet.candidate],
    )
  })
}

function repeating(test: FleetTest<FleetBench>): void {
  test('asked for twice is one group with as many instances, under one token or two', async (fleet) => {
    await fleet.ensure(2, { token: `${fleet.group}/once` })
    const once = await fleet.show(fleet.candidate)
    await fleet.ensure(2, { token: `${fleet.group}/once` })
    await fleet.ensure(2)
    const twice = await fleet.show(fleet.candidate)
    assert.deepEqual([twice.sizes, twice.version], [once.sizes, once.version])
    await fleet.healthy(2, fleet.candidate)
  })

  test('is never made smaller, and grows to what is asked for', async (fleet) => {
    await fleet.ensure(2)
    await fleet.ensure(1)
    const { release, sizes } = await fleet.show(fleet.candidate)
    assert.deepEqual(sizes, { [release]: 2 })
    await fleet.ensure(3)
    assert.deepEqual((await fleet.show(fleet.candidate)).sizes, { [release]: 3 })
  })

  test('needs its launch settings only once', async (fleet) => {
    const { release, sealed } = await fleet.resolve(undefined, fleet.launch)
    await fleet.ensure(0, { release: { release, sealed } })
    const kept = present((await fleet.look()).releases[release.id], 'the release')
    await fleet.ensure(1, { release: { release: kept, sealed: null } })
    assert.deepEqual((await fleet.show(fleet.candidate)).sizes, { [release.id]: 1 })
  })
}

function refusals(test: FleetTest<FleetBench>): void {
  test('one that launches another release is a conflict, and stays as it is', async (fleet) => {
    await fleet.ensure(0)
    const before = await fleet.show(fleet.candidate)
    const other = await fleet.request(1, { release: await fleet.resolve(undefined, fleet.launch) })
    await fleet.refused(fleet.provider.ensureGroup(fleet.target, other, fleet.call()), 'conflict')
    assert.deepEqual(await fleet.show(fleet.candidate), before)
  })

  test('like a group that is not there is not-found, and nothing is made', async (fleet) => {
    const request = await fleet.request(1, { like: `${fleet.group}-none` })
    await fleet.refused(fleet.provider.ensureGroup(fleet.target, request, fleet.call()), 'not-found')
    assert.equal(await fleet.find(fleet.candidate), undefined)
  })

  test('of launch settings that are neither kept nor given is not-found, and nothing is made', async (fleet) => {
    const { release } = await fleet.resolve(undefined, fleet.launch)
    const request = await fleet.request(1, { release: { release, sealed: null } })
    await fleet.refused(fleet.provider.ensureGroup(fleet.target, request, fleet.call()), 'not-found')
    assert.equal(await fleet.find(fleet.candidate), undefined)
  })

  test('of a size that no group can have is invalid, of more than the maximum quota, and nothing is made', async (fleet) => {
    for (const [size, failure] of [
      [-1, 'invalid'],
      [0.5, 'invalid'],
      [21, 'quota'],
    ] as const) {
      const request = await fleet.request(size)
      await fleet.refused(fleet.provider.ensureGroup(fleet.target, request, fleet.call()), failure)
    }
    assert.equal(await fleet.find(fleet.candidate), undefined)
  })
}
