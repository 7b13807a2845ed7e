import { table } from './page.ts'

/** Sizes of the fleets whose calls are counted. */
export const SIZES = [6, 60, 600]

/** Requests by name. */
export type Calls = Readonly<Record<string, number>>

/** What something of each strategy comes to, at each size. @param play plays one to its end. */
export async function ofEach<Played>(
  strategies: readonly string[],
  play: (strategy: string, size: number) => Promise<Played>,
): Promise<ReadonlyMap<string, readonly Played[]>> {
  const found = new Map<string, Played[]>()
  for (const name of strategies) {
    const played: Played[] = []
    for (const size of SIZES) played.push(await play(name, size))
    found.set(name, played)
  }
  return found
}

/** Those that are wanted. */
export function callsThat(calls: Calls, isWanted: (call: string) => boolean): Calls {
  return Object.fromEntries(Object.entries(calls).filter(([call]) => isWanted(call)))
}

/** The table as a page prints it: a column for each strategy, with a number for each size. */
export function callsTable(
  found: ReadonlyMap<string, readonly Calls[]>,
  { isChange, nameOf }: { readonly isChange: (call: string) => boolean; readonly nameOf: (call: string) => string },
): string {
  const columns = [...found.values()]
  const names = [...new Set(columns.flat().flatMap((one) => Object.keys(one)))].toSorted((a, b) =>
    nameOf(a) < nameOf(b) ? -1 : 1,
  )
  const row = (of: (one: Calls) => number) => columns.map((counts) => counts.map(of).join(' / '))
  const sum = (calls: Calls) => Object.values(calls).reduce((all, count) => all + count, 0)
  return table(
    [`with ${SIZES.join(' / ')} instances`, ...found.keys()],
    [
      ...names.map((name) => [`\`${nameOf(name)}\``, ...row((one) => one[name] ?? 0)]),
      ['in all', ...row(sum)],
      ['changes among them', ...row((one) => sum(callsThat(one, isChange)))],
    ],
  )
}
