import type { Can, RouterFacts } from '../../../src/core/snapshot.ts'
import type { BackendService } from '../sdk/resources.ts'
import { UNITS, type Routes } from './read-routes.ts'

const SETTLE_MS = 10_000
const LATE_CALL_HORIZON_MS = 60_000
/** Until every proxy has a new URL map; Google gives no number, and people see up to a minute. */
const PROPAGATION_MS = 60_000
/** Google says that an instance may stay this much longer than its draining timeout. */
export const DRAIN_MARGIN_MS = 60_000

/** What a fleet's router can do. */
export function factsOf({ routes, map }: Routes): RouterFacts {
  return {
    weights: weighted(routes.map((one) => one.service)),
    units: UNITS,
    conditional: map === undefined ? { can: false, why: 'a backend service has no weights to be written' } : { can: true },
    preview: { can: false, why: 'no rule leads to a backend service without weight' },
    settleMs: SETTLE_MS,
    lateCallHorizonMs: LATE_CALL_HORIZON_MS,
    propagationMs: PROPAGATION_MS,
    drainDeadlineMs: Math.max(0, ...routes.map((one) => drainMs(one.service))) + DRAIN_MARGIN_MS,
    health: ['backend health'],
  }
}

/** How long a backend service lets requests finish. */
export function drainMs({ connectionDraining: { drainingTimeoutSec: drains = 0 } = {} }: BackendService): number {
  return drains * 1_000
}

/** Weights are of proxies that know them, of requests that go where they are sent, and of services of which another can be made. */
function weighted(services: readonly BackendService[]): Can {
  const instead = 'by count'
  for (const service of services) {
    const { name = '', loadBalancingScheme: scheme, sessionAffinity: affinity = 'NONE' } = service
    if (scheme === 'EXTERNAL')
      return { can: false, why: `${name} is of a classic load balancer (EXTERNAL), whose URL maps have no weights`, instead }
    if (affinity !== 'NONE')
      return {
        can: false,
        why: `${name} has session affinity (${affinity}), by which clients stay where they were, whatever the weights`,
        instead,
      }
    const [own] = uncopied(service)
    if (own !== undefined) return { can: false, why: `${name} has ${own}, which a second one would be without`, instead }
  }
  return { can: true }
}

/** What a backend service is given by calls or secrets of their own: what is made like it would not have it. */
function uncopied({ securityPolicy = '', edgeSecurityPolicy = '', iap, cdnPolicy }: BackendService): string[] {
  return [
    ...(securityPolicy === '' ? [] : ['a security policy']),
    ...(edgeSecurityPolicy === '' ? [] : ['an edge security policy']),
    ...(iap?.enabled === true ? ['Identity-Aware Proxy'] : []),
    ...((cdnPolicy?.signedUrlKeyNames ?? []).length === 0 ? [] : ['keys for signed URLs']),
  ]
}
