/** Far enough apart that no two starts meet the same seeds. */
const APART = 0x9e3779b1

/** Seeds to begin with, drawn from one. */
export function startsFrom(seed: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => (seed + index * APART) >>> 0)
}
