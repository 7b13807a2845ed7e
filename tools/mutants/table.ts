import { readFileSync, writeFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'
import type { Hunted } from './hunt.ts'
import { FOLDER, headerOf, type Mutant } from './patches.ts'

const DOCUMENT = `${FOLDER}README.md`
/** What stands between these is made. */
const [BEGIN, END] = ['<!-- table: npm run mutants -- --update -->', '<!-- end of table -->']

/** The median of the seeds that the starts needed; `undefined` where a test found it, or nobody. */
export function medianOf({ found, seeds }: Hunted): number | undefined {
  if (!found || seeds.length === 0) return undefined
  const sorted = seeds.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return Math.round(((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2)
}

/** The table for a terminal: what was broken, by which mutant, who found it, after how many seeds. */
export function plainTable(hunted: readonly Hunted[]): string {
  const rows = hunted.map((one) => [
    promises(one.mutant),
    one.mutant.name,
    one.found ? one.finders.join(', ') : 'NOT FOUND',
    one.found ? String(medianOf(one) ?? 'a test') : '',
  ])
  const all = [['law', 'mutant', 'finder', 'median seeds'], ...rows]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Writes what was measured, and who found it, into the patch. */
export function updateMedian(one: Hunted): void {
  const median = medianOf(one)
  if (median === undefined) return
  const text = readFileSync(one.mutant.file, 'utf8')
  const header = headerOf(text)
  const others = header.split('\n').filter((line) => !/^(median|found by): /.test(line))
  const at = others.findIndex((line) => line.startsWith('finder: ')) + 1
  const lines = others.toSpliced(at, 0, `found by: ${one.finders.toSorted().join(', ')}`, `median: ${median}`)
  writeFileSync(one.mutant.file, `${lines.join('\n')}${text.slice(header.length)}`)
}

/** Makes the table of the document anew. */
export async function updateTable(all: readonly Mutant[]): Promise<void> {
  const document = readFileSync(DOCUMENT, 'utf8')
  const rows = all.map(
    (one) => `| ${promises(one)} | \`${one.name}\` | ${one.breaks} | ${finder(one)} | ${one.median ?? 'a test'} |`,
  )
  const table = ['| law | mutant | what it breaks | finder | median seeds |', '| - | - | - | - | - |', ...rows].join('\n')
  const made = `${document.slice(0, document.indexOf(BEGIN))}${BEGIN}\n\n${table}\n\n${document.slice(document.indexOf(END))}`
  writeFileSync(DOCUMENT, await format(made, { ...(await resolveConfig(DOCUMENT)), filepath: DOCUMENT }))
}

function finder({ finder: by, foundBy }: Mutant): string {
  return by === 'simulate' ? foundBy.join(', ') : `\`${by}\``
}

function promises({ laws, invariants }: Mutant): string {
  return [...laws.map((law) => `law ${law}`), ...invariants].join(', ')
}
