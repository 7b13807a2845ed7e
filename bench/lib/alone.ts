// Runs one bench in this process, which the runner has started for it alone. The last line is its report.
import type { Bench, BenchReport, Table } from './bench.ts'

const [path = '', ...flags] = process.argv.slice(2)
const { bench } = (await import(path)) as { bench: Bench }
const skipped: string[] = []
const tables: Table[] = []
const figures = await bench.run({
  quick: flags.includes('--quick'),
  skip: (what) => void skipped.push(what),
  show: (table) => void tables.push(table),
})
const report: BenchReport = { name: bench.name, how: bench.how, figures, tables, skipped, met: figures.every((one) => one.met) }
console.log(JSON.stringify(report))
