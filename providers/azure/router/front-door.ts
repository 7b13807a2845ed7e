import type { Can } from '../../../src/core/snapshot.ts'
import { pathOf, type ArmBody } from '../sdk/arm.ts'
import type { Caller } from '../sdk/caller.ts'
import type { Origin, OriginGroup } from '../sdk/resources.ts'
import type { Endpoint, Weigher } from './endpoints.ts'

const VERSION = 'api-version=2024-02-01'
/** Front Door takes up to twenty minutes to bring a change everywhere, and one that follows it waits for it: two weights are two changes. */
const PROPAGATION_MS = 40 * 60_000

/** Origins of a group of Front Door, which shares requests among those that are about as fast as the fastest. */
export function frontDoorWeigher(profile: string, originGroup: string, pools: Weigher['pools']): Weigher {
  return {
    kind: 'azure-front-door',
    words: 'Front Door',
    pools,
    async read({ caller, subscription, name }, signal) {
      const place = `/subscriptions/${subscription}/resourceGroups/${name}/providers/Microsoft.Cdn/profiles`
      const path = `${place}/${encodeURIComponent(profile)}/originGroups/${encodeURIComponent(originGroup)}`
      const [group, origins] = await Promise.all([
        caller.arm({ name: 'afdOriginGroups.get', signal }, { method: 'GET', path: `${path}?${VERSION}` }),
        readOrigins(caller, `${path}/origins?${VERSION}`, signal),
      ])
      return {
        words: `The origin group ${originGroup} of ${profile}`,
        endpoints: origins.map(endpointOf),
        weights: weighted(originGroup, group as OriginGroup, origins, pools),
        propagationMs: PROPAGATION_MS,
      }
    },
    async write({ caller }, { id }, weight, signal) {
      const properties = weight === 0 ? { enabledState: 'Disabled' } : { enabledState: 'Enabled', weight }
      const request = { method: 'PATCH', path: `${id}?${VERSION}`, body: { properties } } as const
      await caller.arm({ name: 'afdOrigins.update', signal }, request)
    },
  }
}

async function readOrigins(caller: Caller, first: string, signal: AbortSignal): Promise<readonly Origin[]> {
  const origins: Origin[] = []
  for (let path: string | undefined = first; path !== undefined;) {
    const page: ArmBody = await caller.arm({ name: 'afdOrigins.listByOriginGroup', signal }, { method: 'GET', path })
    origins.push(...(page['value'] as readonly Origin[]))
    const { nextLink } = page
    path = typeof nextLink === 'string' && nextLink !== '' ? pathOf(nextLink) : undefined
  }
  return origins
}

/** What Front Door asks before it looks at weights: who it was last time, who is preferred, and who is fastest. */
function weighted(name: string, { properties }: OriginGroup, origins: readonly Origin[], pools: Weigher['pools']): Can {
  const { sessionAffinityState: affinity, loadBalancingSettings: { additionalLatencyInMilliseconds: slackMs = 0 } = {} } =
    properties
  const names = Object.keys(pools).map((one) => one.toLowerCase())
  const own = origins.filter((one) => names.includes(one.name.toLowerCase()))
  if (affinity === 'Enabled')
    return { can: false, why: `${name} has session affinity, by which clients stay where they were, whatever the weights` }
  if (new Set(own.map((one) => one.properties.priority ?? 1)).size > 1)
    return { can: false, why: `the origins of ${name} have different priorities: the first has all of the traffic` }
  if (slackMs > 0) return { can: true }
  const why = `${name} sends to the fastest origin alone (additionalLatencyInMilliseconds is 0), whatever the weights`
  return { can: false, why, instead: 'a latency within which its origins count as equally fast' }
}

function endpointOf({ id, name, properties: { weight = 50, enabledState = 'Enabled' } }: Origin): Endpoint {
  return { id, name, weight, isEnabled: enabledState === 'Enabled' }
}
