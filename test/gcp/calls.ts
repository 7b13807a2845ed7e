import { blueGreen, canary, inPlace, rolling } from 'imago'
import { table } from '../kit/page.ts'
import { roll, type Job } from './rolling.ts'
import { createSite } from './site.ts'

/** Sizes of the fleets that are rolled. */
const SIZES = [6, 60, 600]

const strategies: Readonly<Record<string, Job>> = {
  'blue/green': { strategy: blueGreen({ bake: '5m' }) },
  'canary of four steps': { strategy: canary({ weights: [5, 10, 25, 50], bake: '5m' }) },
  'rolling in place, a tenth at a time': { strategy: rolling({ maxSurge: '10%' }), groups: inPlace('web') },
  "the group's own updater, a tenth at a time": { strategy: rolling({ by: 'native', maxSurge: '10%' }), groups: inPlace('web') },
}

/** Requests by verb and method. */
export type Calls = Readonly<Record<string, number>>

/** What whole rollouts ask of the Compute API, for each strategy and each size. @throws Error for one that was not promoted. */
export async function callsByStrategy(): Promise<ReadonlyMap<string, readonly Calls[]>> {
  const found = new Map<string, Calls[]>()
  for (const [name, job] of Object.entries(strategies)) {
    const counts: Calls[] = []
    for (const size of SIZES) {
      const site = await createSite()
      const { rollout } = await roll(site, { ...job, size })
      if (rollout.state.outcome !== 'promoted') throw new Error(`${name} of ${size}: ${rollout.state.outcome}`)
      counts.push(site.calls())
      site.close()
    }
    found.set(name, counts)
  }
  return found
}

/** Those that change something: waiting and looking change nothing. */
export function changesIn(calls: Calls): Calls {
  const isChange = (call: string) => !/^GET |\.(?:wait|getHealth|listManagedInstances)$/.test(call)
  return Object.fromEntries(Object.entries(calls).filter(([call]) => isChange(call)))
}

/** The table as the page prints it: a column for each strategy, with a number for each size. */
export function callsTable(found: ReadonlyMap<string, readonly Calls[]>): string {
  const columns = [...found.values()]
  const names = [...new Set(columns.flat().flatMap((one) => Object.keys(one)))].toSorted(byMethod)
  const row = (of: (one: Calls) => number) => columns.map((counts) => counts.map(of).join(' / '))
  const sum = (calls: Calls) => Object.values(calls).reduce((all, count) => all + count, 0)
  return table(
    [`with ${SIZES.join(' / ')} instances`, ...found.keys()],
    [
      ...names.map((name) => [`\`${methodOf(name)}\``, ...row((one) => one[name] ?? 0)]),
      ['in all', ...row(sum)],
      ['changes among them', ...row((one) => sum(changesIn(one)))],
    ],
  )
}

function methodOf(call: string): string {
  return call.split(' ')[1] ?? ''
}

function byMethod(a: string, b: string): number {
  return methodOf(a) < methodOf(b) ? -1 : 1
}
