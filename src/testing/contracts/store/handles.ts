import assert from 'node:assert/strict'
import { entries, type StoreTest } from './kit.ts'

/** What every process that shares a store sees of it. */
export function handleTests(test: StoreTest): void {
  test('says what it is, and the same through every handle', async (store, open) => {
    const other = open()
    assert.equal(store.contract, 1)
    assert.notEqual(store.kind, '')
    assert.notEqual(store.id, '')
    assert.deepEqual([other.kind, other.id], [store.kind, store.id])
  })

  test('shows at once through one handle what was written through another', async (store, open) => {
    const other = open()
    assert.deepEqual(await other.read('fleet/web', 1), [])
    await store.append('fleet/web', 1, entries(1, 2))
    assert.deepEqual(await other.read('fleet/web', 1), entries(1, 2))
    assert.equal(await other.append('fleet/web', 3, entries(3, 3)), 'appended')
    assert.equal(await store.append('fleet/web', 3, entries(3, 3)), 'taken')
    assert.deepEqual(await store.list(''), await other.list(''))
    await other.compareAndSet('cell', undefined, 1)
    assert.deepEqual(await store.get('cell'), await other.get('cell'))
  })

  test('has one clock, in milliseconds, that does not go back', async (store, open) => {
    const first = await store.now()
    const second = await open().now()
    assert.ok(Number.isFinite(first))
    assert.ok(second >= first, `${second} after ${first}`)
  })

  test('closes twice, also unused, and keeps what was written', async (store, open) => {
    await store.append('fleet/web', 1, entries(1, 2))
    await store.compareAndSet('cell', undefined, 'kept')
    const unused = open()
    for (const handle of [store, store, unused, unused]) await handle.close()
    const later = open()
    assert.deepEqual(await later.read('fleet/web', 1), entries(1, 2))
    assert.equal((await later.get('cell'))?.value, 'kept')
  })
}
