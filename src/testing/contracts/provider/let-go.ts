import assert from 'node:assert/strict'
import type { FleetBench } from '../fleet/bench.ts'
import type { FleetTest } from '../fleet/declare.ts'

const WHEN = ['before it is made', 'while it is under way'] as const

/** Changes that nobody waits for any more. */
export function letGoTests(test: FleetTest<FleetBench>): void {
  for (const when of WHEN)
    test(`a change that is let go ${when} is accepted or unknown, or has no effect`, async (fleet) => {
      const { release } = await fleet.show()
      const letGo = new AbortController()
      if (when === 'before it is made') letGo.abort()
      const context = { ...fleet.call(), signal: letGo.signal }
      const call = fleet.provider.resize(fleet.target, fleet.group, { [release]: 1 }, undefined, context)
      letGo.abort()
      const end = await fleet.end(call)
      await fleet.settle()
      const size = (await fleet.show()).sizes[release] ?? 0
      if (end === 'accepted') assert.equal(size, 1)
      else if (end !== 'unknown') assert.equal(size, 0)
    })
}

/** The same for looks. */
export function lookedAwayTests(test: FleetTest<FleetBench>): void {
  for (const when of WHEN)
    test(`a look that is let go ${when} ends, and the next one is whole`, async (fleet) => {
      const letGo = new AbortController()
      if (when === 'before it is made') letGo.abort()
      const look = fleet.provider.describe(fleet.target, { ...fleet.call(), signal: letGo.signal })
      letGo.abort()
      await fleet.end(look)
      assert.notEqual(await fleet.find(), undefined)
    })
}
