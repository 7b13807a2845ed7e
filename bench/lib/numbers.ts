/** The middle one. */
export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN
}

/** Rounded for people. */
export function threeDigits(value: number): number {
  return Math.round(value * 1_000) / 1_000
}
