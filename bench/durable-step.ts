/**
 * What one durable step costs: the intent appended to the SQLite store, a call that answers at once, the outcome appended. Beside it a bare
 * write and fdatasync of as many bytes as one entry has, on the same file system, in turns; the median of all rounds.
 *
 *     npm exec -- node bench/durable-step.ts [--json] [--rounds 400] [--folder .]
 */
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { RolloutStore } from '../src/core/ports.ts'
import { sqlite } from '../src/stores/sqlite.ts'
import { fileSystemOf, isInMemory } from './lib/file-system.ts'
import { median, threeDigits } from './lib/numbers.ts'

/** Bytes of an entry. */
const BYTES = 1_024
/** What a step may cost beside its two writes. */
const ALLOWANCE_MS = 0.15
/** Rounds that are not counted: tables are made, code is compiled. */
const WARM_UP = 20

/** What was measured. */
export interface DurableStep {
  readonly fileSystem: string
  readonly rounds: number
  /** Two appends and the call between them. */
  readonly stepMs: number
  /** One bare write and fdatasync. */
  readonly rawMs: number
  /** Twice the bare write, and an allowance. */
  readonly wantedMs: number
  readonly met: boolean
}

/**
 * Measures one durable step.
 *
 * @param options.folder where the files are made, and removed. @default the current folder
 * @param options.rounds @default 400
 * @throws Error where the folder is in memory: nothing is durable there.
 */
export async function durableStep(options: { folder?: string; rounds?: number } = {}): Promise<DurableStep> {
  const { folder: parent = '.', rounds = 400 } = options
  const fileSystem = await fileSystemOf(parent)
  if (isInMemory(fileSystem)) throw new Error(`${parent} is on ${fileSystem}, where nothing is durable; name another --folder.`)
  const folder = await mkdtemp(join(parent, '.imago-bench-'))
  try {
    return { fileSystem, rounds, ...verdict(await measure(folder, rounds)) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
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

function verdict({ steps, raws }: { steps: readonly number[]; raws: readonly number[] }) {
  const [stepMs, rawMs] = [median(steps), median(raws)]
  const wantedMs = 2 * rawMs + ALLOWANCE_MS
  return {
    stepMs: threeDigits(stepMs),
    rawMs: threeDigits(rawMs),
    wantedMs: threeDigits(wantedMs),
    met: stepMs <= wantedMs,
  }
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

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '400' },
      folder: { type: 'string', default: '.' },
    },
  })
  const found = await durableStep({ folder: values.folder, rounds: Number(values.rounds) })
  if (values.json) console.log(JSON.stringify({ measure: 'durable-step', bytes: BYTES, ...found }))
  else {
    console.log(`Median of ${found.rounds} rounds on ${found.fileSystem}, entries of ${BYTES} bytes:`)
    console.log(`  one durable step              ${found.stepMs} ms`)
    console.log(`  one bare write and fdatasync  ${found.rawMs} ms`)
    console.log(`wanted: a step <= ${found.wantedMs} ms (2 x bare + ${ALLOWANCE_MS}): ${found.met ? 'met' : 'missed'}`)
  }
  if (!found.met) process.exitCode = 1
}
