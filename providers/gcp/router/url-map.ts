import type { JsonObject } from '../../../src/core/json.ts'
import type { RouteAction, UrlMap } from '../sdk/resources.ts'
import { pathOf, urlOf } from '../sdk/urls.ts'

/** Weights by the path of the backend service, as they are written. */
export type Forward = ReadonlyMap<string, number>

/** A service that an action names by itself has all of it. */
const ALL = 1_000

/** A place in a URL map that sends to backend services: its default, that of a path matcher, or a rule. */
type Level = JsonObject & {
  readonly defaultService?: string
  readonly defaultRouteAction?: RouteAction
  readonly service?: string
  readonly routeAction?: RouteAction
}

/** Every action of a URL map that sends to backend services. */
export function forwardsOf(map: UrlMap, project: string): Forward[] {
  const forwards: Forward[] = []
  throughLevels(map as Level, (level) => {
    const forward = forwardOf(level, project)
    if (forward.size > 0) forwards.push(forward)
    return level
  })
  return forwards
}

/**
 * A URL map in which every action of the fleet's has these weights. One service alone is named plainly, as it was before there were two;
 * an action says either the one or the other.
 */
export function withWeights(
  map: JsonObject,
  project: string,
  isOwn: (forward: Forward) => boolean,
  weights: Forward,
): JsonObject {
  return throughLevels(map, (level) => (isOwn(forwardOf(level, project)) ? sharing(level, project, weights) : level))
}

function throughLevels(map: Level, change: (level: Level) => Level): JsonObject {
  const matchers = map['pathMatchers'] as readonly Level[] | undefined
  const rules = (matcher: Level, name: string) => {
    const found = matcher[name] as readonly Level[] | undefined
    return found === undefined ? {} : { [name]: found.map(change) }
  }
  const changed = (one: Level) => ({ ...change(one), ...rules(one, 'pathRules'), ...rules(one, 'routeRules') }) as JsonObject
  return { ...change(map), ...(matchers === undefined ? {} : { pathMatchers: matchers.map(changed) }) } as JsonObject
}

/** An action either names one service or shares among several. */
function forwardOf({ defaultService, defaultRouteAction, service, routeAction }: Level, project: string): Forward {
  const weighted = (defaultRouteAction ?? routeAction)?.weightedBackendServices ?? []
  const named = weighted.length > 0 ? weighted : [{ backendService: defaultService ?? service, weight: ALL }]
  const weights = new Map<string, number>()
  for (const { backendService: url = '', weight = 0 } of named)
    if (url !== '') weights.set(pathOf(url, project), (weights.get(pathOf(url, project)) ?? 0) + weight)
  return weights
}

function sharing(level: Level, project: string, weights: Forward): Level {
  // The map and its matchers have defaults, rules have not.
  const isDefault = level.defaultService !== undefined || level.defaultRouteAction !== undefined
  const [serviceKey, actionKey] = isDefault
    ? (['defaultService', 'defaultRouteAction'] as const)
    : (['service', 'routeAction'] as const)
  const { [serviceKey]: _service, [actionKey]: action = {}, ...rest } = level
  const { weightedBackendServices: before = [], ...others } = action
  const [[only] = [], ...more] = [...weights]
  if (only !== undefined && more.length === 0)
    return { ...rest, [serviceKey]: urlOf(only), ...(Object.keys(others).length === 0 ? {} : { [actionKey]: others }) }
  const weightedBackendServices = [...weights].map(([path, weight]) => {
    const known = before.find((one) => pathOf(one.backendService ?? '', project) === path)
    return { ...known, backendService: urlOf(path), weight }
  })
  return { ...rest, [actionKey]: { ...others, weightedBackendServices } }
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
