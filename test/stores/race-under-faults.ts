import { expect } from 'vitest'
import { isRolloutError } from '../../src/core/errors.ts'
import type { JsonObject } from '../../src/core/json.ts'
import type { RolloutStore } from '../../src/core/ports.ts'
import { bucketFaults, type BucketFault } from '../../src/testing/object-store/faults.ts'
import { createRandom, type Random } from '../../src/testing/world/index.ts'

const STREAM = 'fleet/web'
const KEY = 'cell'
const WRITERS = 4
const TURNS = 25

/** What the writers were told of what they wrote. */
interface Told {
  readonly appends: { readonly atSeq: number; readonly names: readonly string[]; readonly answer: string }[]
  readonly sets: { readonly name: string; readonly answer: string }[]
  readonly seen: Set<string>
}

/** Lets writers race on one log and one cell while calls fail, then compares what they were told with what is there. */
export async function raceUnderFaults(open: () => RolloutStore, random: Random, endFaults: () => void): Promise<void> {
  const told: Told = { appends: [], sets: [], seen: new Set() }
  await Promise.all(
    Array.from({ length: WRITERS }, async (_, writer) => {
      const store = open()
      for (let turn = 0; turn < TURNS; turn++) {
        await appendOnce(store, random, `${writer}.${turn}`, told)
        await setOnce(store, `${writer}.${turn}`, told)
      }
    }),
  )
  endFaults()
  const names = (await readAll(open())).map((entry) => entry['name'] as string)
  checkLog(names, told)
  checkCell(told)
}

/** The same over a bucket whose faults are drawn from a seed. @param serve has it answer with them, until they end. */
export async function raceUnderDrawnFaults(
  kind: string,
  seed: number,
  serve: (fault: (call: string) => BucketFault | undefined) => Promise<() => RolloutStore>,
): Promise<void> {
  const random = createRandom(seed, kind)
  let calm = false
  const [onPut, onRead] = [bucketFaults(random, random.next() * 0.5), bucketFaults(random, 0.01)]
  const open = await serve((call) => (calm ? undefined : call === 'put' ? onPut() : onRead()))
  await raceUnderFaults(open, random, () => (calm = true))
}

/** Either every entry is there, in place and next to each other, or none is. */
function checkLog(names: readonly string[], { appends }: Told): void {
  expect(new Set(names).size).toBe(names.length)
  for (const { atSeq, names: batch, answer } of appends) {
    const there = names.slice(atSeq - 1, atSeq - 1 + batch.length)
    const isThere = there.join() === batch.join()
    if (answer === 'appended') expect(there).toEqual(batch)
    if (answer === 'taken' || answer === 'store-unavailable')
      expect(isThere, `${batch.join()} at ${atSeq}: ${answer}`).toBe(false)
    if (!isThere) expect(names.filter((name) => batch.includes(name))).toEqual([])
  }
}

function checkCell({ sets, seen }: Told): void {
  for (const { name, answer } of sets)
    if (answer === 'lost' || answer === 'store-unavailable') expect(seen.has(name), `${name}: ${answer}`).toBe(false)
}

async function appendOnce(store: RolloutStore, random: Random, name: string, told: Told): Promise<void> {
  const end = await persistently(() => readAll(store))
  const atSeq = Math.max(1, end.length + random.whole(-1, 2))
  const names = Array.from({ length: random.whole(1, 3) }, (_, index) => `${name}.${index}`)
  const answer = await answerOf(() =>
    store.append(
      STREAM,
      atSeq,
      names.map((one) => ({ name: one })),
    ),
  )
  told.appends.push({ atSeq, names, answer })
}

async function setOnce(store: RolloutStore, name: string, told: Told): Promise<void> {
  const cell = await persistently(() => store.get(KEY))
  if (cell !== undefined) told.seen.add(cell.value as string)
  told.sets.push({ name, answer: await answerOf(() => store.compareAndSet(KEY, cell?.version, name)) })
}

async function readAll(store: RolloutStore): Promise<JsonObject[]> {
  const all: JsonObject[] = []
  for (;;) {
    const page = await store.read(STREAM, all.length + 1)
    if (page.length === 0) return all
    all.push(...page)
  }
}

/** The answer, or the code of the error. */
async function answerOf(call: () => Promise<string>): Promise<string> {
  try {
    return await call()
  } catch (error) {
    if (isRolloutError(error)) return error.code
    throw error
  }
}

async function persistently<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (!isRolloutError(error, 'store-unavailable')) throw error
    }
  }
}
