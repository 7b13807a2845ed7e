import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseTable, type BalancerTable } from './table.ts'

/** Where the table is kept while the balancer is not there. */
export function tableFile(home: string): string {
  return join(home, 'balancer', 'table.json')
}

/** The table in a file, or `undefined` when there is no such file. @throws RolloutError `spec-invalid`; SyntaxError; system errors */
export async function readTable(file: string): Promise<BalancerTable | undefined> {
  try {
    return parseTable(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Keeps a table so that a power cut finds the old one or this one, whole. */
export async function writeTable(file: string, table: BalancerTable): Promise<void> {
  const folder = dirname(file)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const temporary = `${file}.new`
  await using next = await open(temporary, 'w', 0o600)
  await next.writeFile(JSON.stringify(table))
  await next.sync()
  await rename(temporary, file)
  await using names = await open(folder, 'r')
  await names.sync()
}
