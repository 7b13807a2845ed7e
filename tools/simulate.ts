// Runs the real engine over drawn scenarios: npm run simulate -- --seeds N [--seed S] [--json]. The last line of --json sums up.
import { parseArgs } from 'node:util'
import { drawScenario, simulate, summarise, type RunResult } from 'imago/testing'
import { runSeed } from './seed.ts'

/** From here on every fault must have been drawn, and every checker must have had its situation before it. */
const ENOUGH_SEEDS = 1_000

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    seed: { type: 'string' },
    json: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
  },
})
const seeds = values.seed !== undefined && values.seeds === '200' ? 1 : whole('seeds', values.seeds)
const firstSeed = values.seed === undefined ? runSeed() : whole('seed', values.seed)

const results: RunResult[] = []
for (let index = 0; index < seeds; index++) {
  const seed = (firstSeed + index) >>> 0
  const { spec, model } = drawScenario(seed)
  const result = await simulate(spec, model)
  if (result.violations.length > 0 || values.trace) tell(result)
  for (const { invariant, at, what } of result.excused)
    console.error(`seed ${seed}: ${invariant} excused at ${new Date(at).toISOString()}: ${what}`)
  results.push(result)
  if (process.stderr.isTTY && index % 50 === 0) process.stderr.write(`\r${index} of ${seeds}`)
}
const summary = summarise(firstSeed, results)
if (values.json) console.log(JSON.stringify(summary))
else
  console.log(
    `${seeds} seeds from ${firstSeed}: ${summary.turns} turns, ${summary.crashes} crashes, ${summary.violations.length} violations`,
    summary.outcomes,
  )
// A few seeds meet what they meet.
if (seeds >= ENOUGH_SEEDS) for (const gap of summary.gaps) console.error(gap)
if (summary.violations.length > 0 || (seeds >= ENOUGH_SEEDS && summary.gaps.length > 0)) process.exitCode = 1

function tell(result: RunResult): void {
  for (const { invariant, at, what } of result.violations)
    console.error(`seed ${result.seed}: ${invariant} at ${new Date(at).toISOString()}: ${what}`)
  console.error(result.trace())
  console.error(`The same again: npm run simulate -- --seed ${result.seed} --trace`)
}

function whole(name: string, text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 0) return value
  console.error(`--${name} takes a whole number, not "${text}".`)
  process.exit(2)
}
