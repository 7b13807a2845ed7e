import type { Can, RoutedInstance, RouterFacts, RouterLook } from '../../../src/core/snapshot.ts'
import { nameOf } from '../fleet/groups.ts'
import type { GroupHealth } from '../sdk/resources.ts'
import { nameIn, valueIn } from '../sdk/urls.ts'
import type { Where } from '../where.ts'
import { UNITS, type Route } from './read-routes.ts'

const SETTLE_MS = 10_000
const LATE_CALL_HORIZON_MS = 60_000
/** Until every proxy has a new URL map; Google gives no number, and people see up to a minute. */
const PROPAGATION_MS = 60_000
/** Google says that an instance may stay this much longer than its draining timeout. */
const DRAIN_MARGIN_MS = 60_000

/** The routes as a look shows them, with every instance as its backend services see it. */
export async function lookAt(where: Where, routes: readonly Route[], signal: AbortSignal): Promise<RouterLook> {
  const pairs = routes.flatMap((route) => route.groups.map((group) => [route, group.instanceGroup ?? ''] as const))
  const health = await Promise.all(pairs.map(([route, group]) => readHealth(where, route, group, signal)))
  return {
    routing: {
      routes: routes.map(({ service, weight, groups }) => ({ binding: service.name ?? '', weight, groups: groups.map(nameOf) })),
      instances: merged(health.flatMap(({ healthStatus = [] }) => healthStatus.map(routed))),
    },
    facts: factsOf(routes),
  }
}

function readHealth({ caller, project }: Where, { path }: Route, group: string, signal: AbortSignal): Promise<GroupHealth> {
  const region = valueIn(path, 'regions')
  const request = { project, backendService: nameIn(path), resourceGroupReferenceResource: { group } }
  return region === undefined
    ? caller.call('backendServices.getHealth', request, signal)
    : caller.call('regionBackendServices.getHealth', { ...request, region }, signal)
}

/** What the health of a backend means for requests; any other word is unknown. */
const STATES: Readonly<Record<string, RoutedInstance['state']>> = { HEALTHY: 'in', UNHEALTHY: 'out' }

function routed({ instance, healthState = '' }: NonNullable<GroupHealth['healthStatus']>[number]): [string, RoutedInstance] {
  const state = STATES[healthState] ?? 'unknown'
  return [nameIn(instance), state === 'in' ? { state } : { state, reason: healthState === '' ? 'no health yet' : healthState }]
}

/** An instance that several services or ports see is in only where all of them say so. */
function merged(seen: readonly (readonly [string, RoutedInstance])[]): Record<string, RoutedInstance> {
  const instances: Record<string, RoutedInstance> = {}
  for (const [id, one] of seen) if (instances[id] === undefined || instances[id].state === 'in') instances[id] = one
  return instances
}

function factsOf(routes: readonly Route[]): RouterFacts {
  const drainsMs = routes.map(({ service: { connectionDraining: { drainingTimeoutSec: drains = 0 } = {} } }) => drains * 1_000)
  return {
    weights: weighted(routes),
    units: UNITS,
    conditional: { can: false, why: 'imago/gcp writes no weights' },
    preview: { can: false, why: 'no rule leads to a backend service without weight' },
    settleMs: SETTLE_MS,
    lateCallHorizonMs: LATE_CALL_HORIZON_MS,
    propagationMs: PROPAGATION_MS,
    drainDeadlineMs: Math.max(0, ...drainsMs) + DRAIN_MARGIN_MS,
    health: ['backend health'],
  }
}

/** Weights are of proxies that know them, and of requests that go where they are sent. */
function weighted(routes: readonly Route[]): Can {
  const instead = 'by count'
  for (const { service } of routes) {
    const { name = '', loadBalancingScheme: scheme, sessionAffinity: affinity = 'NONE' } = service
    if (scheme === 'EXTERNAL')
      return { can: false, why: `${name} is of a classic load balancer (EXTERNAL), whose URL maps have no weights`, instead }
    if (affinity !== 'NONE')
      return {
        can: false,
        why: `${name} has session affinity (${affinity}), by which clients stay where they were, whatever the weights`,
        instead,
      }
  }
  return { can: true }
}
