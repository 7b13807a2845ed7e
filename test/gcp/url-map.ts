import { urlOf, type Json, type Project } from './wire/project.ts'
import { pathFrom } from './wire/writing.ts'

/** What the weights of an action sum to. */
export const UNITS = 1_000

interface Weighted {
  readonly backendService: string
  readonly weight: number
}

/** The weights of the project's URL map, by the paths of backend services; without a map the one service has all. */
export function weightsOf(project: Project): ReadonlyMap<string, number> {
  const [map] = project.urlMaps.values()
  if (map === undefined) return new Map([...project.services.keys()].map((path) => [path, UNITS]))
  const { defaultService, defaultRouteAction: action } = map as {
    readonly defaultService?: string
    readonly defaultRouteAction?: { readonly weightedBackendServices?: readonly Weighted[] }
  }
  const weighted = action?.weightedBackendServices ?? []
  if (weighted.length > 0)
    return new Map(weighted.map(({ backendService, weight }) => [pathFrom(project, backendService), weight]))
  return defaultService === undefined ? new Map() : new Map([[pathFrom(project, defaultService), UNITS]])
}

/** The URL map with other weights of the same services, by their names, as a person writes them. */
export function withWeights(project: Project, weights: Readonly<Record<string, number>>): Json {
  const [map = {}] = project.urlMaps.values()
  const services = [...weightsOf(project).keys()].map((path) => project.services.get(path)!)
  const weightedBackendServices = services.map(({ name, path }) => ({
    backendService: urlOf(project, path),
    weight: weights[name] ?? 0,
  }))
  const { defaultService: _plain, ...rest } = map
  return { ...rest, defaultRouteAction: { weightedBackendServices } }
}
