import assert from 'node:assert/strict'
import type { FleetTest } from '../fleet/declare.ts'
import type { RoutedBench } from '../fleet/routed-bench.ts'

/** Calls that nobody waits for any more. */
export function routerLetGoTests(test: FleetTest<RoutedBench>): void {
  for (const when of ['before it is made', 'while it is under way'] as const) {
    test(`a change that is let go ${when} is accepted or unknown, or has no effect`, async (fleet) => {
      const letGo = new AbortController()
      if (when === 'before it is made') letGo.abort()
      const context = { ...fleet.call(), signal: letGo.signal }
      const call = fleet.router.leave(fleet.target, fleet.binding, fleet.group, 'all', context)
      letGo.abort()
      const end = await fleet.end(call)
      await fleet.settle()
      const { groups } = await fleet.showRoute(fleet.binding)
      if (end === 'accepted') assert.deepEqual(groups, [])
      else if (end !== 'unknown') assert.deepEqual(groups, [fleet.group])
    })

    test(`a look that is let go ${when} ends, and the next one is whole`, async (fleet) => {
      const letGo = new AbortController()
      if (when === 'before it is made') letGo.abort()
      const look = fleet.router.look(fleet.target, { ...fleet.call(), signal: letGo.signal })
      letGo.abort()
      await fleet.end(look)
      assert.notEqual(await fleet.findRoute(fleet.binding), undefined)
    })
  }
}
