import { blueGreen, canary, inPlace, rolling } from 'imago'
import { callsTable, ofEach, type Calls } from '../kit/calls.ts'
import { CLONED, roll, type Job } from './rolling.ts'
import { createSite } from './site.ts'
import type { Account } from './wire/account.ts'

type Requests = Account['requests']

const strategies: Readonly<Record<string, Job>> = {
  'blue/green by rules': { strategy: blueGreen({ bake: '5m' }), groups: CLONED, way: 'rules' },
  'canary of two steps, by count, a tenth at a time': {
    strategy: canary({ weights: [20, 50], maxSurge: '10%', bake: '5m' }),
    groups: CLONED,
  },
  'rolling in place, a tenth at a time': { strategy: rolling({ maxSurge: '10%' }), groups: inPlace('web') },
  "rolling in place by Azure's own upgrade, a tenth at a time": {
    strategy: rolling({ by: 'native', maxSurge: '10%' }),
    groups: inPlace('web'),
  },
}

/** Each page of a list counts as one: of larger sets it takes too many to look every ten seconds. */
const LARGE = 120

/**
 * What whole rollouts of Uniform sets, whose lists have the narrowest limits, ask of Azure, for each strategy and each size.
 *
 * @throws Error for one that was not promoted.
 */
export async function requestsByStrategy(): Promise<ReadonlyMap<string, readonly Requests[]>> {
  return await ofEach(Object.keys(strategies), async (name, size) => {
    const site = await createSite()
    // As long as genuine changes of a set take.
    site.account.operationMs = 90_000
    const settings = { mode: 'Uniform', size, bounds: { min: 1, max: 2 * size } } as const
    const { rollout } = await roll(site, { ...strategies[name]!, settings, ...(size > LARGE ? { lookInterval: '2m' } : {}) })
    if (rollout.state.outcome !== 'promoted') throw new Error(`${name} of ${size}: ${rollout.state.outcome}`)
    return site.account.requests
  })
}

/** The table as the page prints it. */
export function tableOf(found: ReadonlyMap<string, readonly Requests[]>): string {
  const calls = new Map([...found].map(([name, all]) => [name, all.map(callsIn)]))
  return callsTable(calls, { isChange: (call) => !call.startsWith('GET '), nameOf: (call) => call.split(' ')[1] ?? '' })
}

function callsIn(requests: Requests): Calls {
  const calls: Record<string, number> = {}
  for (const { method, operation } of requests) calls[`${method} ${operation}`] = (calls[`${method} ${operation}`] ?? 0) + 1
  return calls
}
