import { unlessAbsent } from '../../../src/core/errors.ts'
import type { FleetTarget } from '../../../src/core/ports.ts'
import type { RoutedInstance, RouterLook } from '../../../src/core/snapshot.ts'
import { findGroups, nameOf, occupied } from '../fleet/groups.ts'
import { instanceId } from '../fleet/instances.ts'
import { readMembers } from '../fleet/members.ts'
import { marksOf } from '../marks.ts'
import type { Place } from '../place.ts'
import type { GroupHealth, ManagedInstance, Manager } from '../sdk/resources.ts'
import { nameIn, valueIn } from '../sdk/urls.ts'
import { DRAIN_MARGIN_MS, drainMs, factsOf } from './facts.ts'
import { readRoutes, type Route, type Routes, type Ways } from './read-routes.ts'

type Seen = readonly [id: string, one: RoutedInstance]

/** The routes of a fleet, with every instance as its backend services see it. */
export async function lookAt(place: Place, ways: Ways, target: FleetTarget, signal: AbortSignal): Promise<RouterLook> {
  const [routes, members] = await Promise.all([
    readRoutes(place, ways, target, 'look', signal),
    readInstances(place, target, signal),
  ])
  const joined = routes.routes.flatMap((route) => route.groups.map((group) => [route, group] as const))
  const draining = drainingGroups(place, routes)
  const seen = await Promise.all(
    joined.map(([route, group]) => seenBy(place, route, group, members.get(nameOf(group)) ?? [], signal)),
  )
  const late = draining.flatMap((group) => (members.get(nameOf(group)) ?? []).map((one): Seen => [instanceId(one), FINISHING]))
  const version = routes.map?.told['fingerprint']
  return {
    routing: {
      routes: routes.routes.map(({ name, weight, groups, isPartial }) => ({
        binding: name,
        weight,
        groups: groups.map(nameOf),
        ...(isPartial ? { partial: true } : {}),
      })),
      instances: merged([...seen.flat(), ...late]),
      ...(typeof version === 'string' ? { version } : {}),
    },
    facts: factsOf(routes),
  }
}

const FINISHING: RoutedInstance = { state: 'draining', reason: 'its group has left the backend service, which lets it finish' }
/** Compute takes no single instance out of a backend service: it drains it when its group deletes it. */
const LEFT: RoutedInstance = { state: 'out', reason: 'it has left, and is drained as its group deletes it' }

/** Groups that no route sends to any more, and whose instances may still have something under way. */
function drainingGroups({ now }: Place, { routes, groups }: Routes): Manager[] {
  const left = new Set<string>()
  for (const { service } of routes)
    for (const [group, at] of Object.entries(marksOf(service).leftAt ?? {}))
      if (now() < at + drainMs(service) + DRAIN_MARGIN_MS) left.add(group)
  return groups.filter((one) => left.has(nameOf(one)) && !routes.some((route) => route.groups.includes(one)))
}

/**
 * The instances of all groups of a fleet, by the names of the groups, whatever sends to them: a look at the groups asks for the same at the
 * same time, which is one request. In a group that went between two calls there is nobody.
 */
async function readInstances(
  place: Place,
  target: FleetTarget,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly ManagedInstance[]>> {
  const { groups } = await findGroups(place, target, signal)
  const read = async (group: string) => [group, (await readMembers(place, group, signal).catch(unlessAbsent)) ?? []] as const
  return new Map(await Promise.all(occupied(groups, target).map((one) => read(nameOf(one)))))
}

/** The instances of a group as a backend service sees them. */
async function seenBy(
  place: Place,
  route: Route,
  group: Manager,
  members: readonly ManagedInstance[],
  signal: AbortSignal,
): Promise<Seen[]> {
  const { healthStatus = [] } = await readHealth(place, route, group.instanceGroup ?? '', signal)
  const ids = new Map(members.map((one) => [one.name ?? '', instanceId(one)]))
  const left = new Set(marksOf(group).left)
  return healthStatus.map(({ instance, healthState }) => {
    const name = nameIn(instance)
    return [ids.get(name) ?? name, left.has(name) ? LEFT : routed(healthState)]
  })
}

function readHealth({ caller, project }: Place, { path }: Route, group: string, signal: AbortSignal): Promise<GroupHealth> {
  const region = valueIn(path, 'regions')
  const request = { project, backendService: nameIn(path), resourceGroupReferenceResource: { group } }
  return region === undefined
    ? caller.call('backendServices.getHealth', request, signal)
    : caller.call('regionBackendServices.getHealth', { ...request, region }, signal)
}

/** What the health of a backend means for requests; any other word is unknown. */
const STATES: Readonly<Record<string, RoutedInstance['state']>> = { HEALTHY: 'in', UNHEALTHY: 'out', DRAINING: 'draining' }

function routed(healthState = ''): RoutedInstance {
  const state = STATES[healthState] ?? 'unknown'
  return state === 'in' ? { state } : { state, reason: healthState === '' ? 'no health yet' : healthState }
}

/** An instance that several services or ports see is in only where all of them say so. */
function merged(seen: readonly Seen[]): Record<string, RoutedInstance> {
  const instances: Record<string, RoutedInstance> = {}
  for (const [id, one] of seen) if (instances[id] === undefined || instances[id].state === 'in') instances[id] = one
  return instances
}
