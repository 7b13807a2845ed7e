import assert from 'node:assert/strict'
import type { JsonObject } from '../../../core/json.ts'
import { entries, readAll, type StoreTest } from './kit.ts'

const STREAM = 'fleet/web'

/** Appending and reading, one at a time. */
export function logTests(test: StoreTest): void {
  appends(test)
  refusals(test)
  reads(test)
  contents(test)
}

function appends(test: StoreTest): void {
  test('counts from 1 and gives back, in order, what was added', async (store) => {
    assert.equal(await store.append(STREAM, 1, entries(1, 2)), 'appended')
    assert.equal(await store.append(STREAM, 3, entries(3, 3)), 'appended')
    assert.deepEqual(await readAll(store, STREAM), entries(1, 3))
  })

  test('adds nothing when nothing is given, and the place stays free', async (store) => {
    await store.append(STREAM, 1, [])
    assert.deepEqual(await store.list(''), [])
    await store.append(STREAM, 1, entries(1, 2))
    await store.append(STREAM, 3, [])
    assert.equal(await store.append(STREAM, 3, entries(3, 3)), 'appended')
    assert.deepEqual(await readAll(store, STREAM), entries(1, 3))
  })

  test('keeps streams apart', async (store) => {
    await store.append('fleet/a', 1, entries(1, 2))
    assert.equal(await store.append('fleet/b', 1, entries(1, 1, { of: 'b' })), 'appended')
    assert.deepEqual(await store.read('fleet/a', 1), entries(1, 2))
    assert.deepEqual(await store.read('fleet/b', 1), entries(1, 1, { of: 'b' }))
  })
}

function refusals(test: StoreTest): void {
  test('answers taken, and changes nothing, where something stands', async (store) => {
    await store.append(STREAM, 1, entries(1, 3))
    for (const atSeq of [1, 2, 3]) assert.equal(await store.append(STREAM, atSeq, [{ other: true }]), 'taken')
    assert.deepEqual(await readAll(store, STREAM), entries(1, 3))
  })

  test('adds none of a batch whose first place is taken', async (store) => {
    await store.append(STREAM, 1, entries(1, 2))
    assert.equal(await store.append(STREAM, 2, entries(2, 5, { other: true })), 'taken')
    assert.deepEqual(await readAll(store, STREAM), entries(1, 2))
  })

  test('answers taken beyond the end, so that a log has no gap', async (store) => {
    assert.equal(await store.append(STREAM, 2, entries(2, 2)), 'taken')
    await store.append(STREAM, 1, entries(1, 1))
    assert.equal(await store.append(STREAM, 3, entries(3, 4)), 'taken')
    assert.deepEqual(await readAll(store, STREAM), entries(1, 1))
    assert.equal(await store.append(STREAM, 2, entries(2, 2)), 'appended')
    assert.deepEqual(await readAll(store, STREAM), entries(1, 2))
  })
}

function reads(test: StoreTest): void {
  test('reads nothing from an absent stream, at the end, and beyond it', async (store) => {
    assert.deepEqual(await store.read(STREAM, 1), [])
    await store.append(STREAM, 1, entries(1, 3))
    assert.deepEqual(await store.read(STREAM, 4), [])
    assert.deepEqual(await store.read(STREAM, 40), [])
    assert.deepEqual(await store.read('fleet/other', 1), [])
  })

  test('reads from any place, also from the middle of a batch', async (store) => {
    await store.append(STREAM, 1, entries(1, 4))
    await store.append(STREAM, 5, entries(5, 9))
    for (let fromSeq = 1; fromSeq <= 9; fromSeq++) assert.deepEqual(await readAll(store, STREAM, fromSeq), entries(fromSeq, 9))
  })

  test('reads all of it from any place before the first', async (store) => {
    await store.append(STREAM, 1, entries(1, 3))
    for (const fromSeq of [0, -1, -7]) assert.deepEqual(await store.read(STREAM, fromSeq), entries(1, 3))
  })

  test('reads a long log page by page, without a gap or a repetition', async (store) => {
    for (let first = 1; first <= 1_200; first += 100) await store.append(STREAM, first, entries(first, first + 99))
    await store.append(STREAM, 1_201, entries(1_201, 2_203))
    assert.deepEqual(await readAll(store, STREAM), entries(1, 2_203))
    assert.deepEqual(await readAll(store, STREAM, 1_150), entries(1_150, 2_203))
  })
}

function contents(test: StoreTest): void {
  test('keeps every JSON value as it is', async (store) => {
    await store.append(STREAM, 1, [ODD, {}])
    assert.deepEqual(await store.read(STREAM, 1), [ODD, {}])
  })

  test('keeps an entry of 1 MB', async (store) => {
    const large = { text: 'ä'.repeat(500_000) }
    assert.equal(await store.append(STREAM, 1, [large, ...entries(2, 2)]), 'appended')
    assert.deepEqual(await readAll(store, STREAM), [large, ...entries(2, 2)])
  })

  test('is not changed by what becomes of an entry that was handed in or out', async (store) => {
    const given = { deep: { list: [1] } }
    await store.append(STREAM, 1, [given])
    given.deep.list.push(2)
    const returned = (await store.read(STREAM, 1))[0] as unknown as typeof given
    assert.deepEqual(returned, { deep: { list: [1] } })
    tryToChange(returned)
    assert.deepEqual(await store.read(STREAM, 1), [{ deep: { list: [1] } }])
  })
}

/** A store may hand out frozen values: then the attempt itself fails, which is as good. */
function tryToChange(value: { deep: { list: number[] } }): void {
  try {
    value.deep.list.push(3)
  } catch (error) {
    assert.ok(error instanceof TypeError)
  }
}

const ODD: JsonObject = {
  nothing: null,
  truths: [true, false, []],
  numbers: [0, -1.5, 1e21, Number.MAX_SAFE_INTEGER, 5e-324],
  texts: ['', '"\\/\b\f\n\r\t', '\0 within', "';--", 'Grüße', '日本語', 'שלום', '🚀👩‍🚀', '\ud800 alone', '\u2028'],
  '': { 'a.b': { 'c d': { '€': [] } } },
}
