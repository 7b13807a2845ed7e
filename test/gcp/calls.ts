import { blueGreen, canary, inPlace, rolling } from 'imago'
import { callsTable, callsThat, ofEach, type Calls } from '../kit/calls.ts'
import { roll, type Job } from './rolling.ts'
import { createSite } from './site.ts'

const strategies: Readonly<Record<string, Job>> = {
  'blue/green': { strategy: blueGreen({ bake: '5m' }) },
  'canary of four steps': { strategy: canary({ weights: [5, 10, 25, 50], bake: '5m' }) },
  'rolling in place, a tenth at a time': { strategy: rolling({ maxSurge: '10%' }), groups: inPlace('web') },
  "the group's own updater, a tenth at a time": { strategy: rolling({ by: 'native', maxSurge: '10%' }), groups: inPlace('web') },
}

/** What whole rollouts ask of the Compute API, for each strategy and each size. @throws Error for one that was not promoted. */
export async function callsByStrategy(): Promise<ReadonlyMap<string, readonly Calls[]>> {
  return await ofEach(Object.keys(strategies), async (name, size) => {
    const site = await createSite()
    const { rollout } = await roll(site, { ...strategies[name]!, size })
    if (rollout.state.outcome !== 'promoted') throw new Error(`${name} of ${size}: ${rollout.state.outcome}`)
    site.close()
    return site.calls()
  })
}

/** Those that change something: waiting and looking change nothing. */
export function changesIn(calls: Calls): Calls {
  return callsThat(calls, isChange)
}

function isChange(call: string): boolean {
  return !/^GET |\.(?:wait|getHealth|listManagedInstances)$/.test(call)
}

/** The table as the page prints it. */
export function tableOf(found: ReadonlyMap<string, readonly Calls[]>): string {
  return callsTable(found, { isChange, nameOf: (call) => call.split(' ')[1] ?? '' })
}
