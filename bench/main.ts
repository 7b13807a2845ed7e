// Measures what imago promises: npm run bench -- [name ...] [--json] [--quick]. Each bench has a process of its own;
// the last line of --json is one object with all figures. The exit code is 1 when a promise is not kept.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { programArguments } from '../tools/arguments.ts'
import type { BenchReport, Figure, Table } from './lib/bench.ts'
import { BENCHES } from './lib/table.ts'

const { values, positionals } = programArguments({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, quick: { type: 'boolean', default: false } },
})
const unknown = positionals.filter((name) => !(name in BENCHES))
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}; there are: ${Object.keys(BENCHES).join(', ')}.`)
  process.exit(2)
}

const reports: BenchReport[] = []
for (const name of positionals.length > 0 ? positionals : Object.keys(BENCHES)) {
  const report = await alone(BENCHES[name] ?? '')
  reports.push(report)
  if (!values.json) show(report)
}
const met = reports.every((report) => report.met)
if (values.json) console.log(JSON.stringify({ node: process.version, quick: values.quick, met, benches: reports }))
// The small form goes through the motions; its numbers mean nothing.
if (!met && !values.quick) process.exitCode = 1

async function alone(module: string): Promise<BenchReport> {
  const source = new URL('../tools/source.mjs', import.meta.url).href
  const program = fileURLToPath(new URL('./lib/alone.ts', import.meta.url))
  const args = ['--import', source, program, module, ...(values.quick ? ['--quick'] : [])]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'close')])
  if (code !== 0) throw new Error(`${module} ended with ${code}.`)
  return JSON.parse(said.trimEnd().split('\n').at(-1) ?? '') as BenchReport
}

function show({ name, how, figures, tables, skipped }: BenchReport): void {
  console.log(`${name}: ${how}`)
  for (const figure of figures) console.log(`  ${line(figure)}`)
  for (const table of tables) console.log(`\n${markdown(table)}\n`)
  for (const what of skipped) console.log(`  skipped: ${what}`)
}

function line({ name, value, unit, target, met: kept }: Figure): string {
  const found = `${name.padEnd(58)} ${value.toLocaleString('en').padStart(12)} ${unit}`.trimEnd()
  if (target === undefined) return found
  const wanted = 'atMost' in target ? `<= ${target.atMost.toLocaleString('en')}` : `>= ${target.atLeast.toLocaleString('en')}`
  return `${found.padEnd(80)} wanted ${wanted}: ${kept ? 'met' : 'MISSED'}`
}

/** As the documents have tables, so that it can be put there. */
function markdown([head = [], ...rows]: Table): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')
}
