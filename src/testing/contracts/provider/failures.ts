import assert from 'node:assert/strict'
import { isHealthy, present, type FleetBench } from '../fleet/bench.ts'
import type { FleetTest } from '../fleet/declare.ts'
import { launchesOf } from '../fleet/launches.ts'

/** Instances that run and never become healthy. */
export function unhealthyTests(test: FleetTest<FleetBench>): void {
  test('an instance of a bad image is never healthy, and can be removed', async (fleet) => {
    const { release, ids } = await launchesOf(fleet, present(fleet.images.unhealthy, 'the image'), 1)
    await fleet.always(async () => {
      const { instances } = await fleet.show(...ids)
      assert.deepEqual(
        instances.filter((one) => one.release === release && isHealthy(one)),
        [],
      )
    })
    const [victim] = (await fleet.show(...ids)).instances.map((one) => one.id)
    const [group, target] = ids
    await fleet.accepted(fleet.provider.remove(target, group, [victim ?? ''], { [release]: 0 }, fleet.call()))
    await fleet.healthy(0, ...ids)
  })
}

/** Instances that end as they start. */
export function crashTests(test: FleetTest<FleetBench>): void {
  test('each death of an instance is counted, with a reason, and the count never falls', async (fleet) => {
    const { ids } = await launchesOf(fleet, present(fleet.images.crashing, 'the image'), 1)
    let before = 0
    const last = await fleet.until('three launches have failed', async () => {
      const { failures } = await fleet.show(...ids)
      assert.ok(failures.count >= before, `${failures.count} after ${before}`)
      before = failures.count
      return failures.count >= 3 && failures
    })
    assert.notEqual(last.last?.message ?? '', '')
    assert.notEqual(last.last?.class ?? 'unknown', 'unknown')
  })

  test('a size that stands for instances which do not come up is lowered without naming any', async (fleet) => {
    const { release, ids } = await launchesOf(fleet, present(fleet.images.crashing, 'the image'), 1)
    const [group, target] = ids
    await fleet.until('the size is lowered', async () => {
      await fleet.accepted(fleet.provider.remove(target, group, [], { [release]: 0 }, fleet.call()))
      return (await fleet.show(...ids)).sizes[release] === 0
    })
    await fleet.healthy(0, ...ids)
  })
}
