import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { mutatedCopy, type Copy } from './copy.ts'
import type { Mutant } from './patches.ts'

/** A mutant that is not found in this many seeds is not found. */
export const MOST_SEEDS = 5_000

/** What became of a hunt. */
export interface Hunted {
  readonly mutant: Mutant
  readonly found: boolean
  /** What noticed it: the checkers of these invariants, or a test. */
  readonly finders: readonly string[]
  /** Seeds until it was found, of each start. */
  readonly seeds: readonly number[]
  /** Why it was not found. @default - it was */
  readonly why?: string
}

/** Hunts a mutant by its finder; each invariant that it breaks must be noticed by the invariant's own checker. @param starts seeds that the simulator begins with, one after the other. */
export async function hunt(mutant: Mutant, starts: readonly number[], mostSeeds: number = MOST_SEEDS): Promise<Hunted> {
  try {
    using copy = mutatedCopy(mutant)
    return mutant.finder === 'simulate' ? await simulated(mutant, copy, starts, mostSeeds) : await tested(mutant, copy, starts)
  } catch (error) {
    return { mutant, found: false, finders: [], seeds: [], why: error instanceof Error ? error.message : String(error) }
  }
}

async function simulated(mutant: Mutant, copy: Copy, starts: readonly number[], mostSeeds: number): Promise<Hunted> {
  const finders = new Set<string>()
  const seeds: number[] = []
  for (const start of starts) {
    const given = [
      '--seeds',
      String(mostSeeds),
      '--seed',
      String(start),
      '--until-found',
      mutant.invariants.join(',') || 'any',
      '--json',
      '--quiet',
    ]
    const { stdout, stderr } = await run(copy, ['--import', './tools/source.mjs', 'tools/simulate.ts', ...given], start)
    const summary = lastLine(stdout)
    if (summary === undefined)
      return { mutant, found: false, finders: [...finders], seeds, why: `the simulator broke: ${stderr.slice(-2_000)}` }
    const seen = new Set(summary.violations.map((one) => one.invariant))
    for (const one of seen) finders.add(one)
    if (seen.size === 0 || !mutant.invariants.every((one) => seen.has(one)))
      return { mutant, found: false, finders: [...finders], seeds, why: `not found in ${mostSeeds} seeds from ${start} on` }
    seeds.push(summary.seeds)
  }
  return { mutant, found: true, finders: [...finders], seeds }
}

interface SummaryLine {
  readonly seeds: number
  readonly violations: readonly { readonly invariant: string }[]
}

function lastLine(stdout: string): SummaryLine | undefined {
  const line = stdout.trimEnd().split('\n').at(-1) ?? ''
  return line.startsWith('{') ? (JSON.parse(line) as SummaryLine) : undefined
}

/** The test file must fail, by a test of it and not because it does not load. */
async function tested(mutant: Mutant, copy: Copy, [seed = 0]: readonly number[]): Promise<Hunted> {
  const report = join(copy.folder, 'report.json')
  const given = ['run', mutant.finder, '--reporter=json', `--outputFile=${report}`]
  const { stderr } = await run(copy, ['node_modules/vitest/vitest.mjs', ...given], seed)
  const failed = existsSync(report) ? (JSON.parse(readFileSync(report, 'utf8')) as { numFailedTests: number }).numFailedTests : 0
  return failed > 0
    ? { mutant, found: true, finders: [mutant.finder], seeds: [] }
    : { mutant, found: false, finders: [], seeds: [], why: `no test of ${mutant.finder} fails ${stderr.slice(-500)}` }
}

const running = new Set<ChildProcess>()

/** Ends what is under way. */
export function stopHunting(): void {
  for (const child of running) child.kill('SIGKILL')
}

async function run({ folder }: Copy, given: readonly string[], seed: number): Promise<{ stdout: string; stderr: string }> {
  const child = spawn(process.execPath, given, { cwd: folder, env: { ...process.env, IMAGO_SEED: String(seed) } })
  running.add(child)
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr = (output.stderr + text).slice(-100_000)))
  try {
    await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject))
  } finally {
    running.delete(child)
  }
  return output
}
