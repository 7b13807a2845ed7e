import assert from 'node:assert/strict'
import type { RolloutStore } from '../../../core/ports.ts'
import { entries, readAll, type StoreTest } from './kit.ts'

const STREAM = 'fleet/web'
const KEY = 'lease/web'

/** Many at once, each with a handle of its own. */
export function raceTests(test: StoreTest): void {
  appendRaces(test)
  cellRaces(test)
}

function appendRaces(test: StoreTest): void {
  test('of 20 appends at one place exactly one wins, and it is the one that is there', async (store, open) => {
    for (const atSeq of [1, 2, 3]) {
      const results = await race(20, open, (handle, by) => handle.append(STREAM, atSeq, [{ atSeq, by }]))
      assert.deepEqual([...results].sort(), ['appended', ...Array<string>(19).fill('taken')])
      assert.deepEqual(await store.read(STREAM, atSeq), [{ atSeq, by: results.indexOf('appended') }])
    }
  })

  test('of batches that overlap one is there whole and the others not at all', async (store, open) => {
    const results = await race(10, open, (handle, by) => handle.append(STREAM, 1, entries(1, 1 + by, { by })))
    const winner = results.indexOf('appended')
    assert.equal(results.filter((result) => result === 'appended').length, 1)
    assert.deepEqual(await readAll(store, STREAM), entries(1, 1 + winner, { by: winner }))
  })

  test('writers of different streams do not disturb each other', async (store, open) => {
    const results = await race(10, open, (handle, by) => handle.append(`fleet/${by}`, 1, [{ by }]))
    assert.deepEqual(results, Array(10).fill('appended'))
    assert.equal((await store.list('fleet/')).length, 10)
  })

  test('writers that read the end and try again add every entry once', async (store, open) => {
    await race(5, open, async (handle, by) => {
      for (let left = 4; left > 0; left--) await addAtEnd(handle, `${by}-${left}`)
    })
    const names = (await readAll(store, STREAM)).map((entry) => entry['name'])
    assert.equal(names.length, 20)
    assert.equal(new Set(names).size, 20)
  })
}

function cellRaces(test: StoreTest): void {
  test('of 10 that make a cell exactly one wins, and of 10 that replace it', async (store, open) => {
    let version: string | undefined
    for (const round of [1, 2, 3]) {
      const expected = version
      const results = await race(10, open, (handle, by) => handle.compareAndSet(KEY, expected, { round, by }))
      assert.deepEqual([...results].sort(), [...Array<string>(9).fill('lost'), 'set'])
      const cell = await store.get(KEY)
      assert.deepEqual(cell?.value, { round, by: results.indexOf('set') })
      version = cell?.version
    }
  })
}

function race<T>(count: number, open: () => RolloutStore, run: (handle: RolloutStore, by: number) => Promise<T>): Promise<T[]> {
  const handles = Array.from({ length: count }, open)
  return Promise.all(handles.map((handle, by) => run(handle, by)))
}

async function addAtEnd(handle: RolloutStore, name: string): Promise<void> {
  for (;;) {
    const all = await readAll(handle, STREAM)
    if ((await handle.append(STREAM, all.length + 1, [{ name }])) === 'appended') return
  }
}
