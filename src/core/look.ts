import { groupOf, landed, routeOf } from './landed.ts'
import type { Weights } from './ports.ts'
import type { At, FleetSnapshot, GroupView } from './snapshot.ts'
import { censusOf, NOBODY, type Census } from './census.ts'
import { factsOf, waypointOf, type Flight, type GenerationState, type RolloutState } from './state.ts'
import { flightTimes } from './times.ts'

/** One generation in a look: what was seen, joined with what the journal says may still land. */
export interface GenerationLook extends Census {
  readonly state: GenerationState
  readonly group: GroupView | undefined
  readonly desired: number
  /** What may be relied on: as many of the proven as the group is to have. */
  readonly credit: number
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
  /** How long an instance must have been healthy to be proven. */
  readonly soakMs: number
}

const NOTHING: ReadonlySet<string> = new Set()
const NONE_COUNTED: ReadonlyMap<string, GenerationLook> = new Map()
const NO_WEIGHTS: Weights = Object.freeze({})

/**
 * Joins a snapshot with the journal's state at this moment of the store's clock.
 *
 * @param before an earlier look at the same snapshot: where the journal tells nothing new of instances they are not counted again.
 */
export function lookAt(state: RolloutState, snapshot: FleetSnapshot, now: At, before?: Look): Look {
  const open = openResources(state, snapshot, now)
  const weights = weightsOf(snapshot)
  const generations = new Map<string, GenerationLook>()
  const soakMs = waypointOf(state)?.budget.soakMs ?? 0
  const counted = before?.soakMs === soakMs ? before.generations : NONE_COUNTED
  for (const id in state.generations) {
    const one = state.generations[id]
    if (one !== undefined && (!one.gone || leftSomething(state, one, snapshot)))
      generations.set(id, generationLook(state, one, snapshot, weights, open, now, soakMs, counted.get(id)))
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
    soakMs,
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
  before: GenerationLook | undefined,
): GenerationLook {
  const group = groupOf(snapshot, one.group)
  const route = routeOf(snapshot, one.binding)
  const joined = route?.groups.includes(one.group) ?? false
  // What was there before was proven long ago; only what this rollout launches has to earn it.
  const earns = one.role !== 'stable' && one.role !== 'leftover'
  const census =
    before !== undefined && before.facts === factsOf(state, one.id) && before.state.role === one.role
      ? before
      : censusOf(state, one, group?.instances ?? NOBODY, snapshot, joined, earns ? now - soakMs : undefined)
  const { present, leaving, healthy, proven, news, known, facts } = census
  const desired = group?.sizes[one.release] ?? 0
  const credit = Math.min(proven, desired)
  return {
    state: one,
    group,
    desired,
    present,
    leaving,
    healthy,
    proven,
    news,
    known,
    facts,
    credit,
    joined,
    weight: weights[one.binding ?? ''] ?? 0,
    settled: !open.has(`group ${one.group}`),
  }
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
