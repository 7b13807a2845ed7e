import { expect, test } from 'vitest'
import { manyFleets } from './many-fleets.ts'
import { testTheWire } from './site.ts'

/** Reads of one look, at the most: by count, with two groups most of the time. */
const MOST = {
  // By mark, for all fleets at once, and for the changes of a turn.
  'GET instanceGroupManagers.list': 0.6,
  'GET instanceGroupManagers.get': 0.25,
  'POST instanceGroupManagers.listManagedInstances': 2.2,
  'GET backendServices.get': 1.3,
  'POST backendServices.getHealth': 2,
  // All have the same image and the same template at first; who is answered at other times asks by himself.
  'GET images.get': 1.5,
  'GET instanceTemplates.get': 1.75,
  'GET operations.list': 0.15,
}

test('fleets that nobody rolls cost nothing, and those that are rolled side by side share what they read', async () => {
  const { calls, looks, fleets } = await manyFleets({ fleets: 12, rolling: 4, forMs: 4 * 60_000 })
  expect(fleets).toEqual(new Set(['web-0', 'web-1', 'web-2', 'web-3']))
  for (const [call, most] of Object.entries(MOST)) expect(calls[call]! / looks, call).toBeLessThanOrEqual(most)
  const others = Object.entries(calls).filter(([call]) => !(call in MOST))
  expect(others.reduce((sum, [, count]) => sum + count, 0) / looks).toBeLessThanOrEqual(1.6)
})

testTheWire()
