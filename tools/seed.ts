import { execFileSync } from 'node:child_process'
import { root } from './subpaths.ts'

/**
 * What the drawn part of the tests is drawn from: `IMAGO_SEED`, or the first 32 bits of the commit's hash.
 * So every commit tries other cases, and every run of a commit the same ones.
 */
export function runSeed(): number {
  const given = process.env['IMAGO_SEED']
  if (given !== undefined) return Number(given)
  return Number.parseInt(commit().slice(0, 8), 16)
}

/** Hash of the commit, or of nothing where there is no git: a source archive. */
function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch {
    return '00000000'
  }
}
