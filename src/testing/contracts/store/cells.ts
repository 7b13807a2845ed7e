import assert from 'node:assert/strict'
import type { Json } from '../../../core/json.ts'
import type { RolloutStore } from '../../../core/ports.ts'
import type { StoreTest } from './kit.ts'

const KEY = 'lease/host-1:4711'

/** The cells beside the log, one writer at a time. */
export function cellTests(test: StoreTest): void {
  values(test)
  versions(test)
  removals(test)
}

function values(test: StoreTest): void {
  test('an absent cell is undefined; a set one has its value and a version', async (store) => {
    assert.equal(await store.get(KEY), undefined)
    assert.equal(await store.compareAndSet(KEY, undefined, { by: 'a', list: [1, 'ü🚀'] }), 'set')
    const cell = await store.get(KEY)
    assert.deepEqual(cell?.value, { by: 'a', list: [1, 'ü🚀'] })
    assert.equal(typeof cell?.version, 'string')
    assert.equal(await store.get(`${KEY}1`), undefined)
  })

  test('keeps false, 0 and an empty text as values', async (store) => {
    for (const value of [false, 0, '', []] satisfies Json[]) {
      const key = `cell/${JSON.stringify(value)}`
      assert.equal(await store.compareAndSet(key, undefined, value), 'set')
      assert.deepEqual((await store.get(key))?.value, value)
    }
  })

  test('is not changed by what becomes of a value that was handed in', async (store) => {
    const given = { list: [1] }
    await store.compareAndSet(KEY, undefined, given)
    given.list.push(2)
    assert.deepEqual((await store.get(KEY))?.value, { list: [1] })
  })

  test('keeps cells and streams of one name apart', async (store) => {
    await store.append(KEY, 1, [{ log: true }])
    assert.equal(await store.get(KEY), undefined)
    assert.equal(await store.compareAndSet(KEY, undefined, 'cell'), 'set')
    assert.deepEqual(await store.read(KEY, 1), [{ log: true }])
  })
}

function versions(test: StoreTest): void {
  test('replaces the value only of the expected version', async (store) => {
    const first = await set(store, undefined, 'first')
    const second = await set(store, first, 'second')
    assert.notEqual(second, first)
    assert.equal(await store.compareAndSet(KEY, first, 'late'), 'lost')
    assert.equal(await store.compareAndSet(KEY, undefined, 'late'), 'lost')
    assert.deepEqual(await store.get(KEY), { version: second, value: 'second' })
  })

  test('is lost where a version is expected and nothing is there', async (store) => {
    const version = await set(store, undefined, 'elsewhere')
    assert.equal(await store.compareAndSet('lease/other', version, 1), 'lost')
    assert.equal(await store.get('lease/other'), undefined)
  })

  test('gives the same value another version each time it is set', async (store) => {
    const first = await set(store, undefined, 'same')
    const second = await set(store, first, 'same')
    assert.notEqual(second, first)
    assert.equal(await store.compareAndSet(KEY, first, 'late'), 'lost')
  })
}

function removals(test: StoreTest): void {
  test('null removes the cell, and only that of the expected version', async (store) => {
    const first = await set(store, undefined, 'first')
    const second = await set(store, first, 'second')
    assert.equal(await store.compareAndSet(KEY, first, null), 'lost')
    assert.equal(await store.compareAndSet(KEY, undefined, null), 'lost')
    assert.equal((await store.get(KEY))?.value, 'second')
    assert.equal(await store.compareAndSet(KEY, second, null), 'set')
    assert.equal(await store.get(KEY), undefined)
  })

  test('a cell made again does not have a version that was there before', async (store) => {
    const before = await set(store, undefined, 'same')
    assert.equal(await store.compareAndSet(KEY, before, null), 'set')
    assert.equal(await store.compareAndSet(KEY, before, 'late'), 'lost')
    assert.notEqual(await set(store, undefined, 'same'), before)
    assert.equal(await store.compareAndSet(KEY, before, 'late'), 'lost')
  })
}

async function set(store: RolloutStore, expected: string | undefined, value: Json): Promise<string> {
  assert.equal(await store.compareAndSet(KEY, expected, value), 'set')
  const cell = await store.get(KEY)
  assert.deepEqual(cell?.value, value)
  return cell?.version ?? ''
}
