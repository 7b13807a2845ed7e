import { globSync, readFileSync } from 'node:fs'
import { root } from '../../tools/subpaths.ts'
import { sourceText, type SourceText } from './rule.ts'

const OURS = ['{src,providers,examples,test,tools,bench}/**/*.{ts,mjs,cjs,json,md}', '*.{ts,json,md}', '.ci/run']
const NOT_OURS = /node_modules|^package-lock\.json$/

/** Every file of the project that somebody wrote, read once. */
export const tree: readonly SourceText[] = globSync(OURS, { cwd: root })
  .filter((path) => !NOT_OURS.test(path))
  .toSorted()
  .map((path) => sourceText(path, readFileSync(`${root}${path}`, 'utf8')))
