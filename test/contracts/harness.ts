import { describe, it } from 'vitest'
import type { Harness } from '../../src/testing/contracts/harness.ts'

/** vitest, as contract suites see it. */
export const harness: Harness = {
  describe,
  it,
  skip: (name, reason) => it(name, (context) => context.skip(reason)),
}

/** The same, for one of several implementations. */
export function called(name: string, declare: Harness['it'] = it): Harness {
  return {
    ...harness,
    it: (title, body) => declare(`${title} (${name})`, body),
    skip: (title, reason) => harness.skip(`${title} (${name})`, reason),
  }
}
