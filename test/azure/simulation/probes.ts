import type { Account } from '../wire/account.ts'
import type { EndpointRecord } from '../wire/profile.ts'
import { isReached, poolsIn } from './traffic.ts'

/** How often endpoints are probed, and how often one must be silent until it counts as ill. */
const [PERIOD_MS, TOLERATED] = [30_000, 3]

/** Probes of whatever leads to endpoints: one that is enabled, and behind which nobody answers, gets nothing until somebody does. */
export function startProbing(account: Account): void {
  const { world, profiles } = account
  if (profiles.size === 0) return
  const silent = new Map<EndpointRecord, number>()
  const probe = (name: string, endpoint: EndpointRecord) => {
    const count = !endpoint.isEnabled || isAnswered(account, endpoint.pool) ? 0 : (silent.get(endpoint) ?? 0) + 1
    silent.set(endpoint, count)
    const isIll = count > TOLERATED
    if (isIll === (endpoint.ill !== undefined)) return
    if (isIll) endpoint.ill = 'Degraded'
    else delete endpoint.ill
    world.record(`the endpoint ${name} ${isIll ? 'answers no probe' : 'answers again'}`)
  }
  const round = () => {
    for (const { endpoints } of profiles.values()) for (const [name, one] of endpoints) probe(name, one)
    world.schedule(world.now + PERIOD_MS, round)
  }
  world.schedule(world.now + PERIOD_MS, round)
}

function isAnswered(account: Account, place: string): boolean {
  const pool = poolsIn(account).find(({ balancer, name }) => `${balancer}/${name}` === place)
  const sets = [...account.sets.values()]
  return pool !== undefined && sets.some((set) => set.members.some((one) => isReached(account, set, one, pool)))
}
