import type { PublicPlan, Waypoint } from './plan.ts'
import type { GenerationShape } from './shape.ts'

const KEEP: GenerationShape = { size: { kind: 'at-least', share: 0 }, state: 'serving' }

/** Abort: everything stays, but the candidate stops serving if stable can carry the traffic alone. */
export function abortWaypoint(plan: PublicPlan): Waypoint {
  return {
    ...frame(plan),
    id: 'abort',
    title: 'stable alone serves if it can, candidate kept',
    shape: {
      generations: { stable: KEEP, candidate: { ...KEEP, state: 'warm' } },
      routing: weighted(plan) ? { by: 'weights', weights: { stable: 100 } } : { by: 'count' },
    },
  }
}

/** Salvage: stable is lost, so all traffic goes to what still serves. */
export function salvageWaypoint(plan: PublicPlan): Waypoint {
  return {
    ...frame(plan),
    id: 'salvage',
    title: 'all traffic to what serves',
    shape: {
      generations: { candidate: { size: { kind: 'at-least', share: 1 }, state: 'serving' } },
      routing: weighted(plan) ? { by: 'weights', weights: { candidate: 100 } } : { by: 'count' },
    },
  }
}

/** Whether the plan routes by weights rather than by the count of instances. */
export function weighted(plan: PublicPlan): boolean {
  return plan.back[0]?.shape.routing.by === 'weights'
}

function frame(plan: PublicPlan): Omit<Waypoint, 'id' | 'title' | 'shape'> {
  const deadline = plan.back[0]?.progressDeadlineMs ?? plan.restsOn.provider.readyDeadlineMs
  return {
    budget: { maxSurge: 'unbounded', maxUnavailable: 0, soakMs: 0 },
    gates: [],
    progressDeadlineMs: deadline,
    onDeadline: 'abort',
    failureLimit: Math.max(0, ...plan.waypoints.map((one) => one.failureLimit)),
    reversible: 'closed',
    agency: 'engine',
  }
}
