import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The folder of package.json. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/** What `paths` of tsconfig.json says: the one table of this package's own names and the sources behind them. */
const { paths } = (
  JSON.parse(readFileSync(`${root}tsconfig.json`, 'utf8')) as { compilerOptions: { paths: Record<string, [string]> } }
).compilerOptions

/** Source file by the name it is imported under: `imago/local` is `/…/providers/local/index.ts`. */
export const subpaths: ReadonlyMap<string, string> = new Map(
  Object.entries(paths).map(([name, [source]]) => [name, `${root}${source.replace('./', '')}`]),
)
