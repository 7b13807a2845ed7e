import { pathFrom } from '../wire/writing.ts'
import type { GroupRecord, InstanceRecord, Json, Project, ServiceRecord } from '../wire/project.ts'

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

/** Other weights of the same services, as a person writes them. */
export function mapWith(project: Project, weights: Readonly<Record<string, number>>, urlOf: (path: string) => string): Json {
  const [map = {}] = project.urlMaps.values()
  const services = [...weightsOf(project).keys()].map((path) => project.services.get(path)!)
  const weightedBackendServices = services.map(({ name, path }) => ({ backendService: urlOf(path), weight: weights[name] ?? 0 }))
  const { defaultService: _plain, ...rest } = map
  return { ...rest, defaultRouteAction: { weightedBackendServices } }
}

/** Backend services that send to a group. */
export function servicesOf({ services }: Project, { path }: GroupRecord): ServiceRecord[] {
  return [...services.values()].filter((one) => (one.backends.get(path) ?? 0) > 0)
}

/** Whether a backend service that sends to a group would send to this member of it. */
export function takesRequests(project: Project, { launched, health, action }: InstanceRecord): boolean {
  const state = launched === undefined ? undefined : project.world.machines.find(launched)?.state
  return state === 'healthy' && health === 'HEALTHY' && action !== 'DELETING'
}

/** Tells every machine whether it gets requests. */
export function carry(project: Project): void {
  const weights = weightsOf(project)
  for (const group of project.groups.values()) {
    const isSent = servicesOf(project, group).some(({ path }) => (weights.get(path) ?? 0) > 0)
    for (const one of group.instances.values())
      if (one.launched !== undefined) project.world.machines.load(one.launched, isSent && takesRequests(project, one))
  }
}
