import assert from 'node:assert/strict'
import { idsOf, type FleetBench } from '../fleet/bench.ts'
import type { FleetTest } from '../fleet/declare.ts'

/** One group, whose instances are replaced in it. */
export function inPlaceTests(test: FleetTest<FleetBench>): void {
  aiming(test)
  moving(test)
}

function aiming(test: FleetTest<FleetBench>): void {
  test(
    'launches the new release from then on, beside the instances that are there',
    async (fleet) => {
      const before = await fleet.healthy(2)
      const next = await aim(fleet, 1)
      const { release, sizes } = await fleet.show(fleet.group, fleet.inPlace)
      assert.deepEqual([release, sizes], [next, { [before.release]: 2, [next]: 1 }])
      const after = await fleet.healthy(3, fleet.group, fleet.inPlace)
      const kept = after.instances.filter((one) => one.release === before.release)
      assert.deepEqual(kept.map((one) => one.id).toSorted(), idsOf(before))
      assert.deepEqual(after.instances.filter((one) => one.release === next).length, 1)
    },
    { size: 2 },
  )

  test('asked for twice changes nothing more', async (fleet) => {
    await aim(fleet, 1)
    const once = await fleet.show()
    await aim(fleet, 1)
    const twice = await fleet.show()
    assert.deepEqual([twice.release, twice.sizes, twice.version], [once.release, once.sizes, once.version])
  })
}

function moving(test: FleetTest<FleetBench>): void {
  test(
    'takes old instances away by name, and forgets their release with the last of them',
    async (fleet) => {
      const before = await fleet.healthy(2)
      const next = await aim(fleet, 1)
      const sizes = { [before.release]: 0, [next]: 1 }
      await fleet.accepted(fleet.provider.remove(fleet.inPlace, fleet.group, idsOf(before), sizes, fleet.call()))
      const after = await fleet.healthy(1, fleet.group, fleet.inPlace)
      assert.deepEqual([after.instances[0]?.release, after.sizes], [next, { [next]: 1 }])
      assert.equal(after.failures.count, 0)
    },
    { size: 2 },
  )

  test(
    'has sizes by release: those that are not named stay',
    async (fleet) => {
      const { release } = await fleet.show()
      const next = await aim(fleet, 1)
      await fleet.accepted(fleet.provider.resize(fleet.inPlace, fleet.group, { [next]: 2 }, undefined, fleet.call()))
      assert.deepEqual((await fleet.show()).sizes, { [release]: 1, [next]: 2 })
      const all = await fleet.healthy(3, fleet.group, fleet.inPlace)
      const victim = all.instances.find((one) => one.release === next)?.id ?? ''
      await fleet.accepted(fleet.provider.remove(fleet.inPlace, fleet.group, [victim], { [next]: 1 }, fleet.call()))
      assert.deepEqual((await fleet.show()).sizes, { [release]: 1, [next]: 1 })
    },
    { size: 1 },
  )

  test(
    'goes back to the release before in the same way',
    async (fleet) => {
      const base = await fleet.base()
      const next = await aim(fleet, 1)
      const request = { group: fleet.group, release: base, sealed: null, like: fleet.group, size: 1, rolloutId: 'contract#1' }
      await fleet.accepted(fleet.provider.ensureGroup(fleet.inPlace, request, fleet.call()))
      const { release, sizes } = await fleet.show()
      assert.deepEqual([release, sizes], [base.id, { [base.id]: 1, [next]: 1 }])
    },
    { size: 1 },
  )
}

/** Lets the fleet's group launch another image. @returns its release. */
async function aim(fleet: FleetBench, size: number): Promise<string> {
  const request = await fleet.request(size, { group: fleet.group })
  await fleet.accepted(fleet.provider.ensureGroup(fleet.inPlace, request, fleet.call()))
  return request.release.id
}
