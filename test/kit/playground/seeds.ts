import { simulate, type Playground, type Scenario } from 'imago/testing'

/** As many seeds, one after the other. */
export function seedsFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => (first + index) >>> 0)
}

/** Plays runs on a cloud over the wire. @returns what was broken, with its seed. */
export async function violationsOn(
  playground: Playground,
  draw: (seed: number) => Scenario,
  seeds: readonly number[],
): Promise<string[]> {
  const violations: string[] = []
  for (const seed of seeds) {
    const { spec, model } = draw(seed)
    const result = await simulate(spec, model, playground)
    for (const { invariant, what } of result.violations) violations.push(`seed ${seed}: ${invariant}: ${what}`)
  }
  return violations
}
