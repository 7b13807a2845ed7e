import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../tools/subpaths.ts'
import { blocksIn, textOf } from './document.ts'

/** Texts of the examples by path. */
export const examples: ReadonlyMap<string, string> = new Map(
  globSync('examples/**/*.ts', { cwd: root }).map((path) => [path, readFileSync(join(root, path), 'utf8').trim()]),
)

/** The example that README.md opens with, word for word; `undefined` when it opens with something else. */
export function firstExample(): string | undefined {
  const first = blocksIn(textOf('README.md'), 'README.md')
    .find((block) => block.language === 'ts')
    ?.text.trim()
  return [...examples].find(([, text]) => text === first)?.[0]
}
