import { expect, test } from 'vitest'
import { memoryStore } from '../../src/stores/memory.ts'
import { storeContract } from '../../src/testing/contracts/store.ts'
import { harness } from '../contracts/harness.ts'

storeContract(harness, {
  create() {
    const store = memoryStore()
    return { open: () => store }
  },
})

test('its clock and its id are those it is given', async () => {
  const store = memoryStore({ now: () => 42, id: 'memory:a' })
  expect(await store.now()).toBe(42)
  expect(store.id).toBe('memory:a')
})

test('two memory stores share nothing', async () => {
  const [one, other] = [memoryStore(), memoryStore()]
  await one.append('fleet/web', 1, [{ a: 1 }])
  expect(await other.list('')).toEqual([])
})
