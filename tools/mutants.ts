// Breaks the product on purpose, one promise at a time, and wants each break found: npm run mutants [-- NAME …] [--starts 10] [--seeds 5000] [--json] [--update].
import { setPriority } from 'node:os'
import { programArguments } from './arguments.ts'
import { hunt, MOST_SEEDS, stopHunting, type Hunted } from './mutants/hunt.ts'
import { mutants } from './mutants/patches.ts'
import { startsFrom } from './mutants/starts.ts'
import { medianOf, plainTable, updateMedian, updateTable } from './mutants/table.ts'
import { runSeed } from './seed.ts'

/** Cores that are used at most. */
const AT_ONCE = 2
/** Lets others work meanwhile. */
const NICE = 10

const { values, positionals } = programArguments({
  allowPositionals: true,
  options: {
    starts: { type: 'string', default: '10' },
    seeds: { type: 'string', default: String(MOST_SEEDS) },
    json: { type: 'boolean', default: false },
    // Writes the measured medians into the patches and the table of test/mutants/README.md.
    update: { type: 'boolean', default: false },
  },
})
setPriority(NICE)
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    stopHunting()
    process.exit(130)
  })
}

const starts = startsFrom(runSeed(), Number(values.starts))
const waiting = [...mutants(positionals)]
const hunted: Hunted[] = []
await Promise.all(Array.from({ length: AT_ONCE }, work))
hunted.sort((a, b) => (a.mutant.name < b.mutant.name ? -1 : 1))

if (values.update) {
  for (const one of hunted) updateMedian(one)
  await updateTable(mutants())
}
if (values.json) console.log(JSON.stringify({ seeds: Number(values.seeds), starts, mutants: hunted.map(asLine) }))
else console.log(plainTable(hunted))
for (const { found, mutant, why } of hunted) if (!found) console.error(`${mutant.name}: ${why ?? 'not found'}`)
if (hunted.some((one) => !one.found)) process.exitCode = 1

async function work(): Promise<void> {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const result = await hunt(next, starts, Number(values.seeds))
    console.error(`${next.name}: ${result.found ? `found, ${String(medianOf(result))}` : 'not found'}`)
    hunted.push(result)
  }
}

function asLine(one: Hunted) {
  const { name, laws, invariants } = one.mutant
  return { name, laws, invariants, found: one.found, finders: one.finders, median: medianOf(one), seeds: one.seeds, why: one.why }
}
