import assert from 'node:assert/strict'
import { idsOf, present, type FleetBench } from '../fleet/bench.ts'
import type { FleetTest } from '../fleet/declare.ts'

/** Sizes, absolute and by release. */
export function resizeTests(test: FleetTest<FleetBench>): void {
  setting(test)
  refusals(test)
}

function setting(test: FleetTest<FleetBench>): void {
  test('grows to the size that is set, and is not made smaller', async (fleet) => {
    const { release } = await fleet.show()
    await fleet.accepted(fleet.resize({ [release]: 2 }))
    assert.deepEqual((await fleet.show()).sizes, { [release]: 2 })
    const before = await fleet.healthy(2)
    await fleet.accepted(fleet.resize({ [release]: 1 }))
    assert.deepEqual((await fleet.show()).sizes, { [release]: 2 })
    assert.deepEqual(idsOf(await fleet.healthy(2)), idsOf(before))
  })

  test('set twice is set once, under one token or two', async (fleet) => {
    const { release } = await fleet.show()
    await fleet.accepted(fleet.resize({ [release]: 1 }, undefined, `${fleet.group}/once`))
    const once = await fleet.healthy(1)
    await fleet.accepted(fleet.resize({ [release]: 1 }, undefined, `${fleet.group}/once`))
    await fleet.accepted(fleet.resize({ [release]: 1 }))
    const twice = await fleet.healthy(1)
    assert.deepEqual([twice.sizes, twice.version, idsOf(twice)], [once.sizes, once.version, idsOf(once)])
  })

  test(
    'nothing named leaves all as it is',
    async (fleet) => {
      const before = await fleet.show()
      await fleet.accepted(fleet.resize({}))
      assert.deepEqual((await fleet.show()).sizes, before.sizes)
    },
    { size: 1 },
  )
}

function refusals(test: FleetTest<FleetBench>): void {
  test('of an absent group are not-found', async (fleet) => {
    const { release } = await fleet.show()
    const resize = fleet.provider.resize(fleet.target, `${fleet.group}-none`, { [release]: 1 }, undefined, fleet.call())
    await fleet.refused(resize, 'not-found')
  })

  test(
    'that are no sizes are invalid, more than the maximum is quota, and nothing changes',
    async (fleet) => {
      const before = await fleet.show()
      const cases = [
        [-1, 'invalid'],
        [0.5, 'invalid'],
        [Number.NaN, 'invalid'],
        [4, 'quota'],
      ] as const
      for (const [size, failure] of cases) await fleet.refused(fleet.resize({ [before.release]: size }), failure)
      assert.deepEqual(await fleet.show(), before)
    },
    { max: 3 },
  )

  test('of a release that the fleet does not know are invalid, and nothing is launched for them', async (fleet) => {
    const before = await fleet.show()
    await fleet.refused(fleet.resize({ 'no-such-release': 1 }), 'invalid')
    assert.deepEqual(await fleet.show(), before)
  })
}

/** Sizes that rest on what was read. */
export function conditionalTests(test: FleetTest<FleetBench>): void {
  test('with the version that was read are set, and give another version', async (fleet) => {
    const { release, version } = await fleet.show()
    await fleet.accepted(fleet.resize({ [release]: 1 }, present(version, 'the version')))
    const after = await fleet.show()
    assert.deepEqual(after.sizes, { [release]: 1 })
    assert.notEqual(after.version, version)
  })

  test('with a version from before are a conflict, and nothing changes', async (fleet) => {
    const { release, version } = await fleet.show()
    await fleet.accepted(fleet.resize({ [release]: 1 }))
    const between = await fleet.show()
    await fleet.refused(fleet.resize({ [release]: 2 }, present(version, 'the version')), 'conflict')
    const after = await fleet.show()
    assert.deepEqual([after.sizes, after.version], [between.sizes, between.version])
  })
}
