import assert from 'node:assert/strict'
import type { Accepted, CallContext } from '../../../core/ports.ts'
import type { FleetBench } from '../fleet/bench.ts'

/** Declares one test with a fleet whose changes get no answer until it recovers. */
export type LossTest = (
  name: string,
  landing: 'whole' | 'in part',
  body: (fleet: FleetBench, recover: () => void) => Promise<void>,
) => void

/** Changes of which nobody knows whether they landed. */
export function lossTests(test: LossTest): void {
  test(
    'a change whose answer is lost is unknown, and may have landed; asked for again it is there once',
    'whole',
    async (fleet, recover) => {
      const { release } = await fleet.show()
      const resize = (context: CallContext) =>
        fleet.provider.resize(fleet.target, fleet.group, { [release]: 2 }, undefined, context)
      await lose(fleet, resize)
      recover()
      await fleet.accepted(resize(fleet.call()))
      assert.deepEqual((await fleet.healthy(2)).sizes, { [release]: 2 })
    },
  )

  test('a group whose making got no answer is made once', 'whole', async (fleet, recover) => {
    const request = await fleet.request(2)
    await lose(fleet, (context) => fleet.provider.ensureGroup(fleet.target, request, context))
    recover()
    await fleet.ensure(2)
    await fleet.healthy(2, fleet.candidate)
  })

  test('a group that was made in part is completed', 'in part', async (fleet, recover) => {
    const request = await fleet.request(3)
    await lose(fleet, (context) => fleet.provider.ensureGroup(fleet.target, request, context))
    assert.equal((await fleet.show(fleet.candidate)).partial, true)
    recover()
    await fleet.ensure(3)
    const { sizes, partial = false } = await fleet.healthy(3, fleet.candidate)
    assert.deepEqual([sizes, partial], [{ [request.release.id]: 3 }, false])
  })
}

/** Makes a call that is let go while it is under way: its answer will not come. */
async function lose(fleet: FleetBench, change: (context: CallContext) => Promise<Accepted>): Promise<void> {
  const letGo = new AbortController()
  const call = change({ ...fleet.call(), signal: letGo.signal })
  letGo.abort()
  await fleet.refused(call, 'unknown')
}
