import { callFailed } from '../../../src/core/errors.ts'
import type { FleetTarget } from '../../../src/core/ports.ts'
import type {
  GroupView,
  InstanceView,
  ProviderLook,
  Release,
  RoutedInstance,
  RouteView,
  RouterLook,
} from '../../../src/core/snapshot.ts'
import type { BalancerState, ServiceState, TargetState } from '../balancer/table.ts'
import { providerFacts, routerFacts } from '../facts.ts'
import { fleetIdOf, groupsOf } from './fleets.ts'
import type { CloudState, GroupRecord, InstanceRecord, PoolRecord, ServiceRecord } from './state.ts'
import { hasLeft, isIn, LOOPBACK } from './table.ts'
import type { World } from './world.ts'

type Reasons = (instance: string) => string | undefined

/** A fleet as it is now. @throws RolloutError `call-failed` of class `not-found`. */
export function fleetView(world: World, target: FleetTarget): ProviderLook {
  const { state } = world.book
  const groups = groupsOf(state, target)
  if (groups.length === 0) {
    throw callFailed(
      'not-found',
      'describe',
      `The fleet ${target.name} has no group here; there are: ${Object.keys(state.groups).join(', ') || 'none'}.`,
    )
  }
  const releases = releasesOf(state, groups)
  return {
    fleet: fleetIdOf(state, target),
    groups: groups.map((group) => groupView(group, world.prober.reasonOf)),
    releases,
    // A command is done when it is answered, so there is nothing to ask after later.
    handles: {},
    facts: providerFacts(Object.keys(releases).map((id) => world.settingsOf(id))),
  }
}

/** One group as it is now. */
export function groupView(group: GroupRecord, reasonOf: Reasons): GroupView {
  const { id, release, createdBy, sizes, min, max, holds, failures, version } = group
  return {
    id,
    release,
    ...(createdBy === undefined ? {} : { createdBy }),
    sizes,
    min,
    max,
    holds,
    failures,
    instances: group.instances.map((instance) => instanceView(instance, reasonOf)),
    version: String(version),
  }
}

/** The routing of one balancer as it is now. @throws RolloutError `call-failed` of class `transient` when it does not listen. */
export function routingView(state: CloudState, service: ServiceRecord, balancer: BalancerState): RouterLook {
  const served = balancer.services[service.name]
  if (served?.listening !== true) {
    throw callFailed(
      'transient',
      'look',
      `The balancer ${service.name} does not listen on ${service.host}:${service.port}: ${served?.error ?? 'it is starting'}.`,
    )
  }
  const routes = service.pools.map((pool) => routeView(pool, served))
  const instances = Object.assign({}, ...service.pools.map((pool) => routedInstances(state, pool, served))) as Record<
    string,
    RoutedInstance
  >
  return { routing: { routes, instances, version: String(service.version) }, facts: routerFacts }
}

function instanceView(instance: InstanceRecord, reasonOf: Reasons): InstanceView {
  const { id, release, removing, health, launchedAt, zone, port } = instance
  const reason = removing === undefined ? reasonOf(id) : removing.stoppedAt === undefined ? 'finishing its requests' : 'stopping'
  return {
    id,
    release,
    state: removing === undefined ? health : 'terminating',
    launchedAt,
    address: `http://${LOOPBACK}:${port}`,
    ...(reason === undefined || (removing === undefined && health === 'healthy') ? {} : { reason }),
    ...(zone === undefined ? {} : { zone }),
  }
}

function releasesOf(state: CloudState, groups: readonly GroupRecord[]): Record<string, Release> {
  const ids = new Set(
    groups.flatMap((group) => [group.release, ...Object.keys(group.sizes), ...group.instances.map((one) => one.release)]),
  )
  return Object.fromEntries(
    [...ids].flatMap((id) => {
      const found = state.releases[id]
      return found === undefined ? [] : [[id, { id, image: found.image, launch: found.launch, template: found.launch }]]
    }),
  )
}

function routeView(pool: PoolRecord, served: ServiceState): RouteView {
  const preview = served.pools[pool.binding]?.preview
  return {
    binding: pool.binding,
    weight: pool.weight,
    groups: Object.entries(pool.members).flatMap(([group, { left }]) => (left === 'all' ? [] : [group])),
    ...(preview === undefined ? {} : { preview: { url: `http://${preview.host}:${preview.port}` } }),
  }
}

function routedInstances(state: CloudState, pool: PoolRecord, served: ServiceState): Record<string, RoutedInstance> {
  const targets = served.pools[pool.binding]?.targets ?? {}
  const groups = Object.keys(pool.members).flatMap((id) => state.groups[id] ?? [])
  return Object.fromEntries(
    groups.flatMap((group) => group.instances.map((one) => [one.id, routed(pool, group, one, targets[one.id])])),
  )
}

function routed(pool: PoolRecord, group: GroupRecord, instance: InstanceRecord, target: TargetState | undefined): RoutedInstance {
  const inFlight = target?.inFlight ?? 0
  if (isIn(pool, group, instance)) {
    return target?.ejected === true
      ? { state: 'out', reason: 'it could not be connected to a moment ago', inFlight }
      : { state: 'in', inFlight }
  }
  if (inFlight > 0) return { state: 'draining', inFlight }
  const reason = hasLeft(pool, group, instance)
    ? 'it left'
    : instance.removing === undefined
      ? `it is ${instance.health}`
      : 'it is being removed'
  return { state: 'out', reason, inFlight }
}
