import { callFailed } from '../../../src/core/errors.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import type { FleetTarget } from '../../../src/core/ports.ts'
import { findGroups, nameOf } from '../fleet/groups.ts'
import { marksOf } from '../marks.ts'
import type { BackendService, Manager } from '../sdk/resources.ts'
import { pathOf } from '../sdk/urls.ts'
import type { Where } from '../where.ts'
import { commonWeights, forwardsOf, type Forward } from './url-map.ts'

/** Weights are those of URL maps, which go from 0 to 1,000. */
export const UNITS = 1_000

/** A backend service of the fleet: its name is the route's. */
export interface Route {
  readonly name: string
  readonly path: string
  readonly service: BackendService
  /** In units. */
  readonly weight: number
  /** The groups of the fleet that it sends to. */
  readonly groups: readonly Manager[]
  /** Whether no action names it yet. */
  readonly isPartial: boolean
}

/** All that sends to a fleet. */
export interface Routes {
  /** The fleet's id. */
  readonly fleet: string
  readonly groups: readonly Manager[]
  readonly routes: readonly Route[]
  /** Whether an action belongs to the fleet. */
  isOwn(forward: Forward): boolean
  /** The URL map as it is told, with all that the client would drop of it. @default - there is none */
  readonly map?: { readonly path: string; readonly told: JsonObject }
}

/** Where a fleet's traffic comes in. @default region - a global load balancer */
export type Ways = { readonly region?: string } & ({ readonly urlMap: string } | { readonly backendService: string })

/**
 * The routes of a fleet: all backend services that an action names which also names one that sends to a group of the fleet, or that bears
 * the fleet's mark; those that bear it and are named nowhere yet; or the one backend service, whatever names it.
 *
 * @throws RolloutError `call-failed` of class `not-found` when there is none.
 */
export async function readRoutes(
  where: Where,
  ways: Ways,
  target: FleetTarget,
  call: string,
  signal: AbortSignal,
): Promise<Routes> {
  const [{ id: fleet, groups }, services, map] = await Promise.all([
    findGroups(where, target, signal),
    readServices(where, ways, signal),
    readMap(where, ways, signal),
  ])
  const sends = (path: string) => groups.filter((one) => isBackend(where, services.get(path), one))
  const isMarked = (path: string) => marksOf(services.get(path) ?? {}).fleet === fleet
  const isOwn = (forward: Forward) => [...forward.keys()].some((path) => sends(path).length > 0 || isMarked(path))
  const forwards =
    map === undefined ? [new Map([...services.keys()].map((path) => [path, UNITS]))] : forwardsOf(map.told, where.project)
  const own = map === undefined ? forwards : forwards.filter(isOwn)
  const named = 'urlMap' in ways ? `The URL map ${ways.urlMap}` : `The backend service ${ways.backendService}`
  if (own.length === 0 || (map === undefined && !forwards.some(isOwn)))
    throw callFailed('not-found', call, `${named} of ${where.project} sends nothing to ${groups.map(nameOf).join(', ')}.`)
  const common = commonWeights(own, UNITS)
  const begun = [...services.keys()].filter((path) => isMarked(path) && !common.has(path))
  const routeAt = (path: string, weight: number, isPartial: boolean): Route => {
    const service = services.get(path)
    if (service !== undefined) return { name: service.name ?? '', path, service, weight, groups: sends(path), isPartial }
    throw callFailed('not-found', call, `${named} of ${where.project} names ${path}, which is not there.`)
  }
  const routes = [
    ...[...common].map(([path, weight]) => routeAt(path, weight, false)),
    ...begun.map((path) => routeAt(path, 0, true)),
  ]
  return { fleet, groups, routes, isOwn, ...(map === undefined ? {} : { map }) }
}

/** All backend services of the project by their paths: which of them a fleet's groups are in, none of the groups knows. */
async function readServices(
  { caller, project }: Where,
  ways: Ways,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, BackendService>> {
  const { region } = ways
  if ('backendService' in ways) {
    const request = { project, backendService: ways.backendService }
    const one =
      region === undefined
        ? await caller.call('backendServices.get', request, signal)
        : await caller.call('regionBackendServices.get', { ...request, region }, signal)
    return new Map([[pathTo(project, region, 'backendServices', ways.backendService), one]])
  }
  const all =
    region === undefined
      ? await caller.list('backendServices.list', { project }, signal)
      : await caller.list('regionBackendServices.list', { project, region }, signal)
  return new Map(all.map((one) => [pathTo(project, region, 'backendServices', one.name ?? ''), one]))
}

async function readMap({ caller, project }: Where, ways: Ways, signal: AbortSignal): Promise<Routes['map']> {
  if ('backendService' in ways) return undefined
  const path = pathTo(project, ways.region, 'urlMaps', ways.urlMap)
  const told = await caller.json(ways.region === undefined ? 'urlMaps.get' : 'regionUrlMaps.get', { verb: 'GET', path }, signal)
  return { path, told }
}

function pathTo(project: string, region: string | undefined, kind: string, name: string): string {
  return `projects/${project}/${region === undefined ? 'global' : `regions/${region}`}/${kind}/${name}`
}

/** Whether a service sends to a group: one that is at capacity 0 has left, or has not joined yet. */
function isBackend({ project }: Where, service: BackendService | undefined, { instanceGroup = '' }: Manager): boolean {
  const own = pathOf(instanceGroup, project)
  return (service?.backends ?? []).some((one) => pathOf(one.group ?? '', project) === own && one.capacityScaler !== 0)
}

/** The route of a name; `undefined` for one that is not there. */
export function routeIn({ routes }: Routes, binding: string): Route | undefined {
  return routes.find((one) => one.name === binding)
}
