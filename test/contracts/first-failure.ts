import type { Harness } from '../../src/testing/contracts/harness.ts'

/** Runs a suite by itself. @returns the first of its tests that does not pass, if one does not. */
export async function firstFailure(declare: (harness: Harness) => void | Promise<void>): Promise<string | undefined> {
  const tests: [name: string, body: () => void | Promise<void>][] = []
  await declare({
    describe: (_name, body) => body(),
    it: (name, body) => void tests.push([name, body]),
    skip: () => undefined,
  })
  for (const [name, body] of tests) {
    try {
      await body()
    } catch {
      return name
    }
  }
  return undefined
}
