// Runs the real engine over drawn scenarios: npm run simulate -- --seeds N [--seed S] [--on aws|gcp|azure] [--mutant M] [--json]. The last line of --json sums up.
import { spawnSync } from 'node:child_process'
import { drawScenario, simulate, summarise, type Playground, type RunResult, type Scenario } from 'imago/testing'
import { programArguments } from './arguments.ts'
import { mutatedCopy } from './mutants/copy.ts'
import { mutants } from './mutants/patches.ts'
import { runSeed } from './seed.ts'

/** From here on every fault must have been drawn, and every checker must have had its situation before it. */
const ENOUGH_SEEDS = 1_000

/** Tells the program in the copy which mutant it runs. */
const MUTANT = 'IMAGO_MUTANT'

const { values } = programArguments({
  options: {
    seeds: { type: 'string' },
    seed: { type: 'string' },
    mutant: { type: 'string' },
    // Plays them on a vendor's cloud over the wire, through its real SDK.
    on: { type: 'string' },
    json: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
    // For who hunts mutants: ends once each of these invariants was broken, or, for `any`, with the first violation.
    'until-found': { type: 'string' },
    // Only the summary is read.
    quiet: { type: 'boolean', default: false },
  },
})
const firstSeed = values.seed === undefined ? runSeed() : whole('seed', values.seed)
const seeds = values.seeds === undefined ? (values.seed === undefined ? 200 : 1) : whole('seeds', values.seeds)
if (values.mutant !== undefined) process.exit(inCopy(values.mutant))

const ground = await groundNamed(values.on)

/** What no part of the product caught: in a process of its own it would have ended it. */
let uncaught: unknown
process.on('unhandledRejection', (error) => (uncaught ??= error))
const hunted = values['until-found'] === undefined ? undefined : new Set(values['until-found'].split(','))
/** Of a run that is over only the sums matter. */
const results: Omit<RunResult, 'journal' | 'trace'>[] = []
for (let index = 0; index < seeds; index++) {
  const seed = (firstSeed + index) >>> 0
  const { spec, model } = ground.draw(seed)
  const result = withUncaught(await simulate(spec, model, ground.playground))
  if (!values.quiet) tell(result)
  const { journal: _, trace: _trace, ...sums } = result
  results.push(sums)
  if (foundAll(result)) break
  if (process.stderr.isTTY && index % 50 === 0) process.stderr.write(`\r${index} of ${seeds}`)
}
const summary = summarise(firstSeed, results, ground.lacking)
if (values.json) console.log(JSON.stringify(summary))
else
  console.log(
    `${results.length} seeds from ${firstSeed}: ${summary.turns} turns, ${summary.crashes} crashes, ${summary.violations.length} violations`,
    summary.outcomes,
  )
// A few seeds meet what they meet.
if (seeds >= ENOUGH_SEEDS) for (const gap of summary.gaps) console.error(gap)
if (summary.violations.length > 0 || (seeds >= ENOUGH_SEEDS && summary.gaps.length > 0)) process.exitCode = 1

function withUncaught(result: RunResult): RunResult {
  if (uncaught === undefined) return result
  const what = uncaught instanceof Error ? (uncaught.stack ?? uncaught.message) : JSON.stringify(uncaught)
  uncaught = undefined
  const { seed, violations, journal } = result
  return { ...result, violations: [...violations, { seed, invariant: 'uncaught', at: journal.at(-1)?.at ?? 0, what }] }
}

/** Whether nothing that is hunted is still to be found. */
function foundAll({ violations }: RunResult): boolean {
  if (hunted === undefined || violations.length === 0) return false
  hunted.delete('any')
  for (const { invariant } of violations) hunted.delete(invariant)
  return hunted.size === 0
}

function tell(result: RunResult): void {
  for (const { seed, invariant, at, what } of result.excused)
    console.error(`seed ${seed}: ${invariant} excused at ${new Date(at).toISOString()}: ${what}`)
  if (result.violations.length === 0 && !values.trace) return
  for (const { invariant, at, what } of result.violations)
    console.error(`seed ${result.seed}: ${invariant} at ${new Date(at).toISOString()}: ${what}`)
  console.error(result.trace())
  const mutant = process.env[MUTANT] === undefined ? '' : ` --mutant ${process.env[MUTANT]}`
  const on = values.on === undefined ? '' : ` --on ${values.on}`
  console.error(`The same again: npm run simulate -- --seed ${result.seed}${on}${mutant} --trace`)
}

/** How runs are drawn, and the cloud that they are played on. */
interface Ground {
  readonly draw: (seed: number) => Scenario
  readonly playground?: Playground
  readonly lacking?: readonly number[]
}

async function groundNamed(name: string | undefined): Promise<Ground> {
  if (name === undefined) return { draw: drawScenario }
  if (name === 'aws') {
    const { awsPlayground, drawAwsScenario, LACKING } = await import('../test/aws/simulation/index.ts')
    return { draw: drawAwsScenario, playground: awsPlayground, lacking: LACKING }
  }
  if (name === 'gcp') {
    const { gcpPlayground, drawGcpScenario, LACKING } = await import('../test/gcp/simulation/index.ts')
    return { draw: drawGcpScenario, playground: gcpPlayground, lacking: LACKING }
  }
  if (name === 'azure') {
    const { azurePlayground, drawAzureScenario, LACKING } = await import('../test/azure/simulation/index.ts')
    return { draw: drawAzureScenario, playground: azurePlayground, lacking: LACKING }
  }
  console.error(`--on takes aws, gcp or azure, not "${name}".`)
  process.exit(2)
}

/** The same on a copy with a mutant in it. */
function inCopy(name: string): number {
  const [mutant] = mutants([name])
  if (mutant === undefined) return 2
  using copy = mutatedCopy(mutant)
  const given = process.argv.slice(2).flatMap((arg, index, all) => (isOfMutant(arg, all[index - 1]) ? [] : [arg]))
  const program = ['--import', './tools/source.mjs', 'tools/simulate.ts', ...given]
  const env = { ...process.env, IMAGO_SEED: String(firstSeed), [MUTANT]: name }
  return spawnSync(process.execPath, program, { cwd: copy.folder, env, stdio: 'inherit' }).status ?? 1
}

function isOfMutant(arg: string, before: string | undefined): boolean {
  return arg === '--mutant' || before === '--mutant' || arg.startsWith('--mutant=')
}

function whole(name: string, text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 0) return value
  console.error(`--${name} takes a whole number, not "${text}".`)
  process.exit(2)
}
