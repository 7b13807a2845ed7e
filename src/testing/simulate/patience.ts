import { usualMs } from '../../core/estimate.ts'
import type { Plan } from '../../core/plan.ts'
import type { Model, Scenario } from './model.ts'
import { LOOK_MS } from './stage.ts'

const HOUR_MS = 3_600_000
const DEMAND_SAMPLES = 100

/**
 * How long after its start a rollout must have ended, or wait for a person, milliseconds: until the last fault is over, then twice what
 * the plan usually takes at the largest size that the fleet needs, and an hour for deadlines that pass and calls that were lost.
 *
 * Twice, for the faults may end when every instance is the other release's: an autoscaler has launched them of what the group launches in
 * place, or a rollback begins late. They all go back to what the waypoint wants, and then all go forward.
 */
export function patienceMs({ spec, model }: Scenario, plan: Plan): number {
  const { restsOn, floor, drain, waypoints } = plan
  const untroubledMs = (times: number) =>
    HOUR_MS + 2 * usualMs(waypoints, { ...restsOn, floor, drain, lookMs: LOOK_MS, demand: Math.ceil(spec.size * times) })
  const troubledMs = troubleMs(model)
  return troubledMs + untroubledMs(peak(model.demand, troubledMs + untroubledMs(1)))
}

function troubleMs({ trouble: { lastsMs, storeLostAtMs } }: Model): number {
  // After a lost store somebody waits until the marks of the old rollout have run out.
  const recoveredMs = storeLostAtMs === undefined ? 0 : storeLostAtMs + 4 * HOUR_MS
  return Math.max(lastsMs, recoveredMs)
}

/** How much larger than at the start the fleet has to be at most in this time. */
function peak(demand: Model['demand'], forMs: number): number {
  const every = forMs / DEMAND_SAMPLES
  return Math.max(1, ...Array.from({ length: DEMAND_SAMPLES }, (_, index) => demand(index * every)))
}
