import type { RouteAction, UrlMap } from '../sdk/resources.ts'
import { pathOf } from '../sdk/urls.ts'

/** Weights by the path of the backend service, as they are written. */
export type Forward = ReadonlyMap<string, number>

/** A service that an action names by itself has all of it. */
const ALL = 1_000

/** Every action of a URL map that sends to backend services: its default, those of its path matchers, and those of their rules. */
export function forwardsOf({ defaultService, defaultRouteAction, pathMatchers = [] }: UrlMap, project: string): Forward[] {
  const actions: (readonly [string | undefined, RouteAction | undefined])[] = [[defaultService, defaultRouteAction]]
  for (const { defaultService: service, defaultRouteAction: action, pathRules = [], routeRules = [] } of pathMatchers) {
    actions.push([service, action])
    for (const rule of [...pathRules, ...routeRules]) actions.push([rule.service, rule.routeAction])
  }
  return actions.map(([service, action]) => forwardOf(service, action, project)).filter((one) => one.size > 0)
}

/** An action either names one service or shares among several. */
function forwardOf(service: string | undefined, action: RouteAction | undefined, project: string): Forward {
  const weighted = action?.weightedBackendServices ?? []
  const named = weighted.length > 0 ? weighted : [{ backendService: service, weight: ALL }]
  const weights = new Map<string, number>()
  for (const { backendService: url = '', weight = 0 } of named)
    if (url !== '') weights.set(pathOf(url, project), (weights.get(pathOf(url, project)) ?? 0) + weight)
  return weights
}

/** In units. Actions that say different things are in the middle of a change, or somebody's own: then the least of them counts. */
export function commonWeights(forwards: readonly Forward[], units: number): ReadonlyMap<string, number> {
  const common = new Map<string, number>()
  for (const weights of forwards) {
    const sum = [...weights.values()].reduce((total, weight) => total + weight, 0)
    for (const [service, weight] of weights) {
      const share = sum === 0 ? 0 : Math.floor((weight * units) / sum)
      common.set(service, Math.min(share, common.get(service) ?? units))
    }
  }
  return common
}
