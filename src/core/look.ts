import { groupOf, landed, routeOf } from './landed.ts'
import type { Weights } from './ports.ts'
import type { At, FleetSnapshot, GroupView, InstanceView } from './snapshot.ts'
import { waypointOf, type Flight, type GenerationState, type RolloutState } from './state.ts'
import { flightTimes } from './times.ts'

/** One generation in a look: what was seen, joined with what the journal says may still land. */
export interface GenerationLook {
  readonly state: GenerationState
  readonly group: GroupView | undefined
  readonly desired: number
  /** Instances that are not on their way out. */
  readonly present: readonly InstanceView[]
  /** Of these, the ones that serve or could: healthy by every source, not named for removal. */
  readonly healthy: number
  /** Healthy for as long as the budget asks. */
  readonly proven: number
  /** What may be relied on: `proven` after every own removal that may still land took its victims among them. */
  readonly credit: number
  /** Named for removal and still there. */
  readonly leaving: readonly InstanceView[]
  /** Whether its instances receive what its binding receives. */
  readonly joined: boolean
  /** Units of weight in force. */
  readonly weight: number
  /** Whether nothing of ours about the group is open. */
  readonly settled: boolean
}

/** The snapshot joined with the state. Built once a turn. */
export interface Look {
  readonly now: At
  readonly snapshot: FleetSnapshot
  readonly generations: ReadonlyMap<string, GenerationLook>
  /** Weights in force, by binding. */
  readonly weights: Weights
  /** Every routing that may be in force now or soon: the one seen and each write that may still land. */
  readonly possible: readonly Weights[]
  /** Whether no weight write of ours is open. */
  readonly routingSettled: boolean
  /** Units that all weights sum to. */
  readonly units: number
  /** Resources about which something of ours is open. */
  readonly open: ReadonlySet<string>
}

const NOTHING: ReadonlySet<string> = new Set()
const NO_WEIGHTS: Weights = Object.freeze({})

/** Joins a snapshot with the journal's state at this moment of the store's clock. */
export function lookAt(state: RolloutState, snapshot: FleetSnapshot, now: At): Look {
  const open = openResources(state, snapshot, now)
  const weights = weightsOf(snapshot)
  const generations = new Map<string, GenerationLook>()
  const soakMs = waypointOf(state)?.budget.soakMs ?? 0
  for (const id in state.generations) {
    const one = state.generations[id]
    if (one !== undefined && (!one.gone || leftSomething(state, one, snapshot)))
      generations.set(id, generationLook(state, one, snapshot, weights, open, now, soakMs))
  }
  return {
    now,
    snapshot,
    generations,
    weights,
    possible: possibleWeights(state, weights, now),
    routingSettled: !open.has('weights'),
    units: snapshot.traffic?.facts.units ?? 0,
    open,
  }
}

/** Whether a generation that somebody deleted has left its route behind, or has come back by a late call of ours. */
function leftSomething(state: RolloutState, one: GenerationState, snapshot: FleetSnapshot): boolean {
  if (!one.lost) return false
  if (state.plan.fleet.placement.kind !== 'in-place' && groupOf(snapshot, one.group) !== undefined) return true
  if (one.binding === undefined || routeOf(snapshot, one.binding) === undefined) return false
  for (const id in state.generations) if (id !== one.id && state.generations[id]?.binding === one.binding) return false
  return true
}

function generationLook(
  state: RolloutState,
  one: GenerationState,
  snapshot: FleetSnapshot,
  weights: Weights,
  open: ReadonlySet<string>,
  now: At,
  soakMs: number,
): GenerationLook {
  const group = groupOf(snapshot, one.group)
  const route = routeOf(snapshot, one.binding)
  const joined = route?.groups.includes(one.group) ?? false
  const present: InstanceView[] = []
  const leaving: InstanceView[] = []
  let healthy = 0
  let proven = 0
  for (const instance of group?.instances ?? []) {
    if (instance.release !== one.release || instance.state === 'terminating') continue
    const fact = state.instances[instance.id]
    if (fact?.leavingAt !== undefined) {
      leaving.push(instance)
      continue
    }
    present.push(instance)
    if (!instanceHealthy(state, snapshot, instance, joined)) continue
    healthy++
    // Stable was proven long ago; only what this rollout launches has to earn it.
    if (one.role === 'stable' || (fact?.healthyAt !== undefined && now - fact.healthyAt >= soakMs)) proven++
  }
  const desired = group?.sizes[one.release] ?? 0
  const credit = Math.max(0, Math.min(proven, desired, proven - removalsInFlight(state, one, group, now)))
  return {
    state: one,
    group,
    desired,
    present,
    healthy,
    proven,
    credit,
    leaving,
    joined,
    weight: weights[one.binding ?? ''] ?? 0,
    settled: !open.has(`group ${one.group}`),
  }
}

/** An instance is healthy when the group's view, the router's view (once joined) and every probe agree. */
export function instanceHealthy(state: RolloutState, snapshot: FleetSnapshot, instance: InstanceView, joined: boolean): boolean {
  if (instance.state !== 'healthy') return false
  if (joined && snapshot.traffic?.routing.instances[instance.id]?.state !== 'in') return false
  return state.plan.health.probes.length === 0 || snapshot.probes[instance.id] === true
}

/** How many healthy instances an own write that lowers the size may still take, beyond those it names. */
function removalsInFlight(state: RolloutState, one: GenerationState, group: GroupView | undefined, now: At): number {
  let most = 0
  for (const flight of state.flights) {
    const { command } = flight
    if ((command.kind !== 'resize' && command.kind !== 'remove') || command.group !== one.group || !mayLand(state, flight, now))
      continue
    const size = command.kind === 'resize' ? command.sizes[one.release] : command.sizesAfter[one.release]
    if (size === undefined || group === undefined) continue
    let alive = 0
    for (const instance of group.instances) {
      if (
        instance.release === one.release &&
        instance.state !== 'terminating' &&
        state.instances[instance.id]?.leavingAt === undefined
      )
        alive++
    }
    most = Math.max(most, alive - size)
  }
  return most
}

/** Whether an intent may still, or once more, take effect. */
export function mayLand(state: RolloutState, flight: Flight, now: At): boolean {
  if (flight.outcome === 'accepted' && !flight.doubtful) return !flight.landed
  // A conditional write that has landed cannot land again: what it expects is no longer there.
  if (flight.landed && flight.command.kind === 'set-weights' && state.plan.restsOn.router?.conditional.can === true) return false
  return now < flightTimes(state, flight).lateUntilAt
}

function openResources(state: RolloutState, snapshot: FleetSnapshot, now: At): ReadonlySet<string> {
  if (state.flights.length === 0) return NOTHING
  const open = new Set<string>()
  const newest = new Map<string, Flight>()
  for (const flight of state.flights) newest.set(flight.resource, flight)
  for (const flight of state.flights) {
    // A look that does not show the last write that was seen before is older than the write: no basis for anything.
    const stale =
      newest.get(flight.resource) === flight && now < flightTimes(state, flight).visibleAt && !landed(flight.command, snapshot)
    // Once a lost one should have been seen it is no reason to wait any longer; what it may still do, the guard reckons with.
    const awaited = !flight.landed && (flight.outcome === 'accepted' || now < flightTimes(state, flight).visibleAt)
    if (awaited || stale) open.add(flight.resource)
  }
  return open
}

function weightsOf(snapshot: FleetSnapshot): Weights {
  if (snapshot.traffic === undefined) return NO_WEIGHTS
  const weights: Record<string, number> = {}
  for (const route of snapshot.traffic.routing.routes) weights[route.binding] = route.weight
  return weights
}

function possibleWeights(state: RolloutState, seen: Weights, now: At): readonly Weights[] {
  const possible: Weights[] = [seen]
  for (const flight of state.flights)
    if (flight.command.kind === 'set-weights' && mayLand(state, flight, now)) possible.push(flight.command.wanted)
  return possible
}
