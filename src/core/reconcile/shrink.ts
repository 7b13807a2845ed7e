import { floorOf, hasLeft, helps, inRole, servingCredit, serves } from '../capacity.ts'
import { growthUnjudged } from '../demand.ts'
import type { GenerationLook, Look } from '../look.ts'
import type { Waypoint } from '../plan.ts'
import { isLeast } from '../shape.ts'
import type { InstanceView } from '../snapshot.ts'
import type { RolloutState } from '../state.ts'
import { runsBeside, type Sizes } from './beside.ts'
import { cameBack, drainLeaving } from './drain.ts'
import type { Orders } from './orders.ts'

/**
 * Takes instances beyond the wanted sizes out of service and removes those that have drained. Routing by count only:
 * by weights a generation is retired as a whole.
 */
export function shrink(
  state: RolloutState,
  look: Look,
  waypoint: Waypoint,
  { roles: sizes, beside }: Sizes,
  orders: Orders,
): void {
  // What is to be retired goes in any case: others must not go because it still serves.
  const relied = servingCredit(look, ({ condemned }) => !condemned)
  let spare = relied - floorOf(state.plan.floor, state.demand, waypoint.budget.maxUnavailable)
  for (const one of runsBeside(state, look)) {
    const wanted = beside.get(one.state.id) ?? 0
    spare -= choose(one, wanted, spare)
    drainLeaving(state, look, one, orders)
    removeDrained(state, look, one, wanted, orders)
  }
  for (const role of ['stable', 'candidate', 'baseline'] as const) {
    const shape = waypoint.shape.generations[role]
    const one = inRole(state, look, role)
    if (one === undefined || one.group === undefined || shape === undefined) continue
    if (!isLeast(shape.size) || shape.state !== 'serving')
      spare -= choose(one, shape.state === 'warm' ? 0 : (sizes[role] ?? 0), spare)
    drainLeaving(state, look, one, orders)
    if (shape.state !== 'warm') removeDrained(state, look, one, sizes[role] ?? 0, orders)
  }

  /** Unwell and starting instances carry nothing and go first; then the oldest, as far as capacity can be spared. */
  function choose(one: GenerationLook, wanted: number, mayLose: number): number {
    if (!one.settled || orders.victims.length > 0 || growthUnjudged(state, look, one.state.group)) return 0
    const excess = one.present.length - wanted
    if (excess <= 0) {
      if (mayLose >= 0 && one.joined) chosen(one, one.present.filter(isIdle))
      return 0
    }
    // What is out of the route carries nothing, but while too few serve the guard lets nothing healthy go, nor should what will help.
    const couldHelp = (instance: InstanceView) =>
      instance.state === 'healthy' || helps(look, instance) || isComingUp(look, one, instance)
    const carries = (instance: InstanceView) => mayServe(look, one, instance) || (mayLose < 0 && couldHelp(instance))
    const [free, serving]: [InstanceView[], InstanceView[]] = [[], []]
    for (const instance of one.present) (carries(instance) ? serving : free).push(instance)
    const losing = Math.max(0, Math.min(excess - free.length, mayLose, serving.length))
    chosen(one, [...oldest(free, excess), ...oldest(serving, losing)])
    return losing
  }

  function chosen({ state: { id, group } }: GenerationLook, instances: readonly InstanceView[]): void {
    if (instances.length > 0) orders.victims.push({ generation: id, group, instances: instances.map((instance) => instance.id) })
  }

  /**
   * What was there before and has left its route, by an aborted rollout or a person: it carries nothing, takes the place of one
   * that would, and nothing brings it back.
   */
  function isIdle({ id, state: health, launchedAt }: InstanceView): boolean {
    const routing = look.snapshot.traffic?.routing
    return health === 'healthy' && launchedAt < state.startedAt && routing !== undefined && hasLeft(routing, id)
  }
}

/** Whether an instance may be serving: what cannot be told is not free to go, though it is not relied on either. */
function mayServe(look: Look, one: GenerationLook, instance: InstanceView): boolean {
  if (!serves(look, one) || instance.state === 'starting' || instance.state === 'unhealthy') return false
  const routed = look.snapshot.traffic?.routing.instances[instance.id]?.state
  return look.snapshot.traffic === undefined || routed === 'in' || routed === 'unknown'
}

/** Whether an instance of what has been proven will serve before long: who launched it, a group or an autoscaler, did so for want of it. */
function isComingUp(look: Look, one: GenerationLook, { state, launchedAt }: InstanceView): boolean {
  const inTime = look.now < launchedAt + look.snapshot.facts.readyDeadlineMs
  return one.state.role === 'stable' && state === 'starting' && inTime && serves(look, one)
}

/** Removes the drained, and lowers a size that stands for instances which are not there. */
function removeDrained(state: RolloutState, look: Look, one: GenerationLook, wanted: number, orders: Orders): void {
  if (!one.settled) return
  const gone = one.leaving.filter((instance) => one.facts[instance.id]?.drainedAt !== undefined && !cameBack(look, one, instance))
  const there = one.present.length + one.leaving.length - gone.length
  const kept = growthUnjudged(state, look, one.state.group) ? one.desired - gone.length : wanted
  const after = Math.max(kept, there)
  if (gone.length === 0 && one.desired <= after) return
  orders.commands.push({
    kind: 'remove',
    group: one.state.group,
    instances: gone.map((instance) => instance.id),
    sizesAfter: { [one.state.release]: Math.min(after, one.desired) },
  })
}

function oldest(instances: InstanceView[], count: number): InstanceView[] {
  if (count === 0 || instances.length === 0) return []
  return instances.sort((a, b) => a.launchedAt - b.launchedAt || (a.id < b.id ? -1 : 1)).slice(0, count)
}
