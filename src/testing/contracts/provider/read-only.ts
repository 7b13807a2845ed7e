import assert from 'node:assert/strict'
import type { FleetBench } from '../fleet/bench.ts'
import type { FleetTest } from '../fleet/declare.ts'

/** A provider whose facts say that it changes nothing. */
export function readOnlyTests(test: FleetTest<FleetBench>): void {
  test('every change is denied, and nothing is touched', async (fleet) => {
    const { provider, target, group } = fleet
    const before = await fleet.look()
    const { release } = await fleet.show()
    const mark = {
      kind: 'claim',
      owner: 'contract#1',
      epoch: 1,
      expiresAt: fleet.time.now() + 60_000,
      store: 'contract',
    } as const
    const request = await fleet.request(1)
    await fleet.refused(provider.ensureGroup(target, request, fleet.call()), 'denied')
    await fleet.refused(fleet.resize({ [release]: 1 }), 'denied')
    await fleet.refused(provider.remove(target, group, [], { [release]: 0 }, fleet.call()), 'denied')
    await fleet.refused(fleet.hold(mark), 'denied')
    await fleet.refused(provider.release(target, group, 'claim', mark.owner, fleet.call()), 'denied')
    await fleet.refused(provider.retire(target, group, fleet.call()), 'denied')
    assert.deepEqual(await fleet.look(), before)
  })
}
