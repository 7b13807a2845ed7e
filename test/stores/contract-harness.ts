import { describe, it } from 'vitest'
import type { Harness } from '../../src/testing/contracts/harness.ts'

/** vitest, as contract suites see it. */
export const harness: Harness = {
  describe,
  it,
  skip: (name, reason) => it(name, (context) => context.skip(reason)),
}
