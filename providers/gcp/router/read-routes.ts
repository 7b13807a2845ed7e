import { callFailed } from '../../../src/core/errors.ts'
import type { FleetTarget } from '../../../src/core/ports.ts'
import { findGroups, nameOf } from '../fleet/groups.ts'
import type { BackendService, Manager, UrlMap } from '../sdk/resources.ts'
import { pathOf } from '../sdk/urls.ts'
import type { Where } from '../where.ts'
import { commonWeights, forwardsOf, type Forward } from './url-map.ts'

/** Weights are those of URL maps, which go from 0 to 1,000. */
export const UNITS = 1_000

/** A backend service of the fleet: its name is the route's. */
export interface Route {
  readonly path: string
  readonly service: BackendService
  /** In units. */
  readonly weight: number
  /** The groups of the fleet that it sends to. */
  readonly groups: readonly Manager[]
}

/** Where a fleet's traffic comes in. @default region - a global load balancer */
export type Ways = { readonly region?: string } & ({ readonly urlMap: string } | { readonly backendService: string })

/**
 * The routes of a fleet: all backend services that an action names which also names one that sends to a group of the fleet; or the one
 * backend service, whatever names it.
 *
 * @throws RolloutError `call-failed` of class `not-found` when there is none.
 */
export async function readRoutes(where: Where, ways: Ways, target: FleetTarget, signal: AbortSignal): Promise<readonly Route[]> {
  const [{ groups }, services, forwards] = await Promise.all([
    findGroups(where, target, signal),
    readServices(where, ways, signal),
    readForwards(where, ways, signal),
  ])
  const sends = (path: string) => groups.filter((one) => isBackend(where, services.get(path), one))
  const own = forwards.filter((one) => [...one.keys()].some((path) => sends(path).length > 0))
  const named = 'urlMap' in ways ? `The URL map ${ways.urlMap}` : `The backend service ${ways.backendService}`
  if (own.length === 0)
    throw callFailed('not-found', 'look', `${named} of ${where.project} sends nothing to ${groups.map(nameOf).join(', ')}.`)
  return [...commonWeights(own, UNITS)].map(([path, weight]) => {
    const service = services.get(path)
    if (service !== undefined) return { path, weight, service, groups: sends(path) }
    throw callFailed('not-found', 'look', `${named} of ${where.project} names ${path}, which is not there.`)
  })
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

async function readForwards({ caller, project }: Where, ways: Ways, signal: AbortSignal): Promise<Forward[]> {
  const { region } = ways
  if ('backendService' in ways) return [new Map([[pathTo(project, region, 'backendServices', ways.backendService), UNITS]])]
  const request = { project, urlMap: ways.urlMap }
  const map: UrlMap =
    region === undefined
      ? await caller.call('urlMaps.get', request, signal)
      : await caller.call('regionUrlMaps.get', { ...request, region }, signal)
  return forwardsOf(map, project)
}

function pathTo(project: string, region: string | undefined, kind: string, name: string): string {
  return `projects/${project}/${region === undefined ? 'global' : `regions/${region}`}/${kind}/${name}`
}

/** Whether a service sends to a group: one that is at capacity 0 has left, or has not joined yet. */
function isBackend({ project }: Where, service: BackendService | undefined, { instanceGroup = '' }: Manager): boolean {
  const own = pathOf(instanceGroup, project)
  return (service?.backends ?? []).some((one) => pathOf(one.group ?? '', project) === own && one.capacityScaler !== 0)
}
