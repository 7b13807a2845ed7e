import type { Can } from '../../../src/core/snapshot.ts'
import type { Profile, ProfileEndpoint } from '../sdk/resources.ts'
import type { Endpoint, Weigher } from './endpoints.ts'

const VERSION = 'api-version=2022-04-01'
/** Until its name servers answer anew; then whoever has asked before goes by the answer for as long as its TTL says. */
const APPLIED_MS = 60_000
/** Probes say so of an endpoint that answers nobody: it is left out of the answers. */
const ILL = new Set(['Degraded', 'Stopped', 'Inactive'])

/** Weighted endpoints of a Traffic Manager profile: it answers the name of the fleet by the name of one of them. */
export function trafficManagerWeigher(name: string, pools: Weigher['pools']): Weigher {
  return {
    kind: 'azure-traffic-manager',
    words: 'Traffic Manager',
    pools,
    async read({ caller, subscription, name: group }, signal) {
      const place = `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Network/trafficManagerProfiles`
      const path = `${place}/${encodeURIComponent(name)}?${VERSION}`
      const profile = (await caller.arm({ name: 'profiles.get', signal }, { method: 'GET', path })) as Profile
      const { trafficRoutingMethod: method, dnsConfig, endpoints = [] } = profile.properties
      return {
        words: `The Traffic Manager profile ${name}`,
        endpoints: endpoints.map(endpointOf),
        weights: weighted(name, method),
        propagationMs: APPLIED_MS + (dnsConfig.ttl ?? 60) * 1_000,
      }
    },
    async write({ caller }, { id }, weight, signal) {
      const properties = weight === 0 ? { endpointStatus: 'Disabled' } : { endpointStatus: 'Enabled', weight }
      const request = { method: 'PATCH', path: `${id}?${VERSION}`, body: { properties } } as const
      await caller.arm({ name: 'endpoints.update', signal }, request)
    },
  }
}

function weighted(name: string, method: string): Can {
  if (method === 'Weighted') return { can: true }
  return { can: false, why: `the profile ${name} routes by ${method}`, instead: 'the routing method Weighted' }
}

function endpointOf({ id, name, properties }: ProfileEndpoint): Endpoint {
  const { weight = 1, endpointStatus = 'Enabled', endpointMonitorStatus: status = '' } = properties
  const isEnabled = endpointStatus === 'Enabled'
  return { id, name, weight, isEnabled, ...(isEnabled && ILL.has(status) ? { ill: status } : {}) }
}
