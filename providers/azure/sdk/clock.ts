/** A clock, by which images reach the end of their life. */
export interface AzureClock {
  /** Epoch milliseconds. */
  now(): number
}
