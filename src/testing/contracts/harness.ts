/** The three functions of a test runner that a contract suite needs; those of vitest, Jest and `node:test` fit. */
export interface Harness {
  describe(name: string, body: () => void): void
  it(name: string, body: () => void | Promise<void>): void
  /** Shows a test that this adapter cannot take, and why. */
  skip(name: string, reason: string): void
}
