import { expect, test } from 'vitest'
import type { JsonObject } from '../../src/core/json.ts'
import type { RolloutStore } from '../../src/core/ports.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { storeContract, type StoreContractOptions } from '../../src/testing/contracts/store.ts'
import { firstFailure } from '../contracts/first-failure.ts'

/** What a store with one fault does otherwise than a right one. */
const FAULTS: Readonly<Record<string, (right: RolloutStore) => Partial<RolloutStore>>> = {
  'says appended where the place was taken': (right) => ({
    append: async (...given) => {
      await right.append(...given)
      return 'appended'
    },
  }),
  'says taken where it appended': (right) => ({
    append: async (...given) => {
      await right.append(...given)
      return 'taken'
    },
  }),
  'adds at the end what was meant for another place': (right) => ({
    append: async (stream, atSeq, entries) => right.append(stream, Math.max(atSeq, await endOf(right, stream)), entries),
  }),
  'fills a gap': (right) => ({
    append: async (stream, atSeq, entries) => {
      for (let seq = await endOf(right, stream); seq < atSeq; seq++) await right.append(stream, seq, [{}])
      return right.append(stream, atSeq, entries)
    },
  }),
  'adds the first of several': (right) => ({
    append: (stream, atSeq, entries) => right.append(stream, atSeq, entries.slice(0, 1)),
  }),
  'adds what fits of a batch whose first place is taken': (right) => ({
    append: async (stream, atSeq, entries) => {
      const end = await endOf(right, stream)
      if (atSeq < end) await right.append(stream, end, entries.slice(end - atSeq))
      return right.append(stream, atSeq, entries)
    },
  }),
  'looks, and writes a moment later': (right) => ({
    append: async (stream, atSeq, entries) => {
      if ((await endOf(right, stream)) !== atSeq) return 'taken'
      await Promise.resolve()
      await right.append(stream, await endOf(right, stream), entries)
      return 'appended'
    },
  }),
  'reads in the wrong order': (right) => ({ read: async (...given) => (await right.read(...given)).toReversed() }),
  'reads from the place after': (right) => ({ read: (stream, fromSeq) => right.read(stream, fromSeq + 1) }),
  'reads the first page over and over': (right) => ({
    read: async (stream, fromSeq) => (await right.read(stream, fromSeq > 2_000 ? 1 : fromSeq)).slice(0, 500),
  }),
  'gives out what it keeps': (right) => {
    const kept = new Map<string, readonly JsonObject[]>()
    return {
      read: async (stream, fromSeq) => {
        const key = JSON.stringify([stream, fromSeq, await endOf(right, stream)])
        kept.set(key, kept.get(key) ?? structuredClone(await right.read(stream, fromSeq)))
        return kept.get(key) ?? []
      },
    }
  },
  'lists what has the prefix anywhere': (right) => ({
    list: async (prefix) => (await right.list('')).filter((name) => name.includes(prefix)),
  }),
  'lists in another order': (right) => ({ list: async (prefix) => (await right.list(prefix)).toReversed() }),
  'lists one page': (right) => ({ list: async (prefix) => (await right.list(prefix)).slice(0, 50) }),
  'tells names apart by their letters only': (right) => ({
    append: (stream, ...given) => right.append(stream.toLowerCase(), ...given),
    read: (stream, fromSeq) => right.read(stream.toLowerCase(), fromSeq),
  }),
  'sets a cell whatever its version is': (right) => ({
    compareAndSet: async (key, _expected, value) => right.compareAndSet(key, (await right.get(key))?.version, value),
  }),
  'makes a cell over another': (right) => ({
    compareAndSet: async (key, expected, value) => right.compareAndSet(key, expected ?? (await right.get(key))?.version, value),
  }),
  'sets a cell to null': (right) => ({
    compareAndSet: (key, expected, value) => right.compareAndSet(key, expected, value ?? 'null'),
  }),
  'takes its values for versions': (right) => ({
    get: async (key) => {
      const cell = await right.get(key)
      return cell && { ...cell, version: JSON.stringify(cell.value) }
    },
    compareAndSet: async (key, expected, value) => {
      const cell = await right.get(key)
      if ((cell && JSON.stringify(cell.value)) !== expected) return 'lost'
      return right.compareAndSet(key, cell?.version, value)
    },
  }),
  'has another clock for each question': (right) => {
    let now = 1_000
    return { ...right, now: () => Promise.resolve(now--) }
  },
  'cannot be closed twice': (right) => {
    let isClosed = false
    return {
      ...right,
      close: () => {
        if (isClosed) return Promise.reject(new Error('closed'))
        isClosed = true
        return Promise.resolve()
      },
    }
  },
}

test('a right store passes', async () => {
  expect(await failureOf(siteOf(() => ({})))).toBeUndefined()
})

test.for(Object.keys(FAULTS))('a store that %s does not pass', async (name) => {
  expect(await failureOf(siteOf(FAULTS[name] as (typeof FAULTS)[string]))).toBeDefined()
})

test('handles that share nothing are not a store', async () => {
  expect(await failureOf(() => ({ open: () => memoryStore() }))).toBeDefined()
})

function failureOf(create: StoreContractOptions['create']): Promise<string | undefined> {
  return firstFailure((harness) => storeContract(harness, { create }))
}

function siteOf(fault: (right: RolloutStore) => Partial<RolloutStore>): StoreContractOptions['create'] {
  return () => {
    const right = memoryStore()
    const store = { ...right, ...fault(right) }
    return { open: () => store }
  }
}

async function endOf(store: RolloutStore, stream: string): Promise<number> {
  return (await store.read(stream, 1)).length + 1
}
