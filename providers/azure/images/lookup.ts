import type { Caller } from '../sdk/caller.ts'

/** What finding an image needs. */
export interface Lookup {
  readonly caller: Caller
  /** The region that instances are launched in, as Azure writes it in addresses: `westeurope`. */
  readonly location: string
  readonly signal: AbortSignal
}

/** A region in the one form of its name: `West Europe` and `westeurope` are the same. */
export function locationOf(name: string): string {
  return name.replaceAll(' ', '').toLowerCase()
}

/** The highest of versions, number by number. */
export function highest(versions: readonly string[]): string | undefined {
  return versions.toSorted(compare).at(-1)
}

function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((one) => one.split('.').map(Number))
  for (const [index, number] of left!.entries()) if (number !== right![index]) return number - (right![index] ?? -1)
  return left!.length - right!.length
}
