import assert from 'node:assert/strict'
import type { JsonObject } from '../../../core/json.ts'
import type { RolloutStore } from '../../../core/ports.ts'

/** Declares one test; `open` gives further handles of the same store. */
export type StoreTest = (name: string, body: StoreTestBody) => void

/** What a test does with an empty store. */
export type StoreTestBody = (store: RolloutStore, open: () => RolloutStore) => Promise<void>

/** Entries that can be told apart: `{ seq }` from the first to the last. */
export function entries(first: number, last: number, more: JsonObject = {}): JsonObject[] {
  return Array.from({ length: last - first + 1 }, (_, index) => ({ seq: first + index, ...more }))
}

/** No test writes more: a store that goes on for ever is found out, not read to its end. */
const MOST_ENTRIES = 100_000

/** Everything from a sequence on, page by page. */
export async function readAll(store: RolloutStore, stream: string, fromSeq = 1): Promise<JsonObject[]> {
  const all: JsonObject[] = []
  for (;;) {
    const page = await store.read(stream, fromSeq + all.length)
    if (page.length === 0) return all
    all.push(...page)
    assert.ok(all.length <= MOST_ENTRIES, `${stream} answers more entries than were ever written`)
  }
}
