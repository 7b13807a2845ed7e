import type { RolloutError } from 'imago'

/** Paths of the problems that an error lists. */
export function pathsOf({ facts }: RolloutError<'spec-invalid'> | RolloutError<'unsupported'>): string[] {
  return facts.problems.map((problem) => problem.path)
}
