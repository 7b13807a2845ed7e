import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { RolloutStore } from '../src/core/ports.ts'
import { sqlite } from '../src/stores/sqlite.ts'
import { atMost, plain, type Bench } from './lib/bench.ts'
import { onDisk } from './lib/file-system.ts'
import { median } from './lib/numbers.ts'

/** Bytes of an entry. */
const BYTES = 1_024
/** What a step may cost beside its two writes. */
const ALLOWANCE_MS = 0.15
/** Rounds that are not counted: tables are made, code is compiled. */
const WARM_UP = 20

/** One durable step beside the bare writes that it rests on. */
export const bench: Bench = {
  name: 'durable-step',
  how: 'two appends of 1 KB to the SQLite store (WAL, synchronous FULL) and a call between them that answers at once, beside a bare write and fdatasync of as many bytes on the same file system, in turns; the median of all rounds',
  run: ({ quick }) =>
    onDisk(async (folder, fileSystem) => {
      const { steps, raws } = await measure(folder, quick ? 20 : 400)
      const bare = median(raws)
      return [
        plain(`one bare write and fdatasync on ${fileSystem}`, bare, 'ms'),
        atMost(2 * bare + ALLOWANCE_MS, 'one durable step', median(steps), 'ms'),
      ]
    }),
}

async function measure(folder: string, rounds: number): Promise<{ steps: number[]; raws: number[] }> {
  const store = sqlite({ path: join(folder, 'rollouts.db') })
  const file = openSync(join(folder, 'raw'), 'a')
  const [steps, raws]: [number[], number[]] = [[], []]
  try {
    for (let round = 0; round < WARM_UP + rounds; round++) {
      steps.push(await timed(() => step(store, 1 + 2 * round)))
      raws.push(await timed(() => bareWrite(file)))
    }
  } finally {
    closeSync(file)
    await store.close()
  }
  return { steps: steps.slice(WARM_UP), raws: raws.slice(WARM_UP) }
}

async function step(store: RolloutStore, atSeq: number): Promise<void> {
  await store.append('fleet/bench', atSeq, [{ intent: FILLING }])
  await callThatAnswersAtOnce()
  await store.append('fleet/bench', atSeq + 1, [{ outcome: FILLING }])
}

/** Without a thread's hop, as SQLite does it. */
function bareWrite(file: number): void {
  writeSync(file, RAW)
  fdatasyncSync(file)
}

const FILLING = 'x'.repeat(BYTES - 20)
const RAW = Buffer.alloc(BYTES, 'x')
const callThatAnswersAtOnce = () => Promise.resolve()

async function timed(run: () => Promise<void> | void): Promise<number> {
  const began = performance.now()
  await run()
  return performance.now() - began
}
