import assert from 'node:assert/strict'
import { idsOf } from '../fleet/bench.ts'
import type { FleetTest } from '../fleet/declare.ts'
import type { RoutedBench } from '../fleet/routed-bench.ts'

const REQUESTS = 20

/** What weights are for requests. */
export function weightedRequestTests(test: FleetTest<RoutedBench>): void {
  test(
    'weights are true for requests: all, a part, none',
    async (fleet) => {
      const { binding, second } = fleet
      const { units, shares } = fleet.routing
      await fleet.accepted(fleet.prepare())
      await fleet.ensure(1, { binding: second })
      const stable = idsOf(await fleet.healthy(1))
      const candidate = idsOf(await fleet.healthy(1, fleet.candidate))
      await fleet.seenAs([...stable, ...candidate], 'in')
      assert.deepEqual(await answering(fleet), stable)
      const half = shares?.can === false ? 0 : Math.floor(units / 2)
      const parts = { [binding]: units - half, [second]: half }
      await fleet.accepted(fleet.setWeights({ [binding]: units }, parts))
      if (half > 0) assert.deepEqual(await answering(fleet), [...stable, ...candidate].toSorted())
      await fleet.accepted(fleet.setWeights(parts, { [second]: units }))
      assert.deepEqual(await answering(fleet), candidate)
    },
    { size: 1 },
  )
}

/** Who gets requests. */
export function requestTests(test: FleetTest<RoutedBench>): void {
  test(
    'an instance that left gets no new requests, nor does a group; who joins does',
    async (fleet) => {
      const ids = idsOf(await fleet.healthy(2))
      await fleet.seenAs(ids, 'in')
      assert.deepEqual(await answering(fleet), ids)
      const [leaver = '', ...stay] = ids
      await fleet.accepted(fleet.leave(fleet.binding, fleet.group, [leaver]))
      assert.deepEqual(await answering(fleet), stay)
      await fleet.ensure(1, { binding: fleet.binding })
      const joined = idsOf(await fleet.healthy(1, fleet.candidate))
      await fleet.seenAs(joined, 'in')
      await fleet.accepted(fleet.leave(fleet.binding, fleet.group, 'all'))
      assert.deepEqual(await answering(fleet), joined)
    },
    { size: 2 },
  )
}

/** The instances that answer requests, once what was written is true for them. */
async function answering(fleet: RoutedBench): Promise<string[]> {
  await fleet.time.pass(fleet.routing.propagationMs)
  return [...new Set(await fleet.send(REQUESTS))].toSorted()
}
