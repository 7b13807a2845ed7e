import type { Command } from './command.ts'
import { groupOf, landed, routeOf, sizesLowered } from './landed.ts'
import type { Weights } from './ports.ts'
import type { At, FleetSnapshot, GroupView } from './snapshot.ts'
import { censusOf, NOBODY, type Census } from './census.ts'
import { awaitsSlot, factsOf, waypointOf, type Flight, type GenerationState, type RolloutState } from './state.ts'
import { flightTimes } from './times.ts'

/** What a snapshot shows of a generation, whatever the journal tells of it. */
interface Seen {
  readonly group: GroupView | undefined
  readonly desired: number
  /** Whether its instances receive what its binding receives. */
  readonly joined: boolean
  /** Units of weight in force. */
  readonly weight: number
}

/** One generation in a look: what was seen, joined with what the journal says may still land. */
export interface GenerationLook extends Seen, Census {
  readonly state: GenerationState
  /** What may be relied on: as many of the proven as the group is to have. */
  readonly credit: number
  /** Whether nothing of ours about the group is open. */
  readonly settled: boolean
}

/** A group that is there, and the generations in it: in place several share one. */
export interface GroupLook {
  readonly group: GroupView
  readonly parts: readonly GenerationLook[]
}

/** The snapshot joined with the state. Built once a turn. */
export interface Look {
  readonly now: At
  readonly snapshot: FleetSnapshot
  readonly generations: readonly GenerationLook[]
  /** Groups in which there are generations, in their order. */
  readonly groups: readonly GroupLook[]
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
const UNSEEN: Seen = Object.freeze({ group: undefined, desired: 0, joined: false, weight: 0 })
const NO_WEIGHTS: Weights = Object.freeze({})

/**
 * Joins a snapshot with the journal's state at this moment of the store's clock.
 *
 * @param before an earlier look at the same snapshot: what depends on the snapshot alone is taken from it, and where the
 * journal tells nothing new of instances they are not counted again.
 */
export function lookAt(state: RolloutState, snapshot: FleetSnapshot, now: At, before?: Look): Look {
  const open = openResources(state, snapshot, now)
  const soakMs = waypointOf(state)?.budget.soakMs ?? 0
  const generations: GenerationLook[] = []
  for (const id in state.generations) {
    const one = state.generations[id]
    if (one === undefined || (one.gone && !leftSomething(state, one, snapshot))) continue
    generations.push(generationLook(state, one, { now, snapshot, open, soakMs }, before))
  }
  const weights = before?.weights ?? weightsOf(snapshot)
  return {
    now,
    snapshot,
    generations,
    groups: groupsOf(generations),
    weights,
    possible: possibleWeights(state, weights, now),
    routingSettled: !open.has('weights'),
    units: snapshot.traffic?.facts.units ?? 0,
    open,
    soakMs,
  }
}

/** The look of a generation, by id. */
export function lookOf(look: Look, id: string): GenerationLook | undefined {
  for (const one of look.generations) if (one.state.id === id) return one
  return undefined
}

/** Whether a generation that somebody deleted has left its route behind, or has come back by a late call of ours. */
function leftSomething(state: RolloutState, one: GenerationState, snapshot: FleetSnapshot): boolean {
  const { kind } = state.plan.fleet.placement
  if (!one.lost || Object.values(state.generations).some((other) => other.follows === one.id)) return false
  if (kind !== 'in-place' && groupOf(snapshot, one.group) !== undefined) return true
  // A slot's route is not the generation's.
  if (kind === 'slots') return false
  if (one.binding === undefined || routeOf(snapshot, one.binding) === undefined) return false
  for (const id in state.generations) if (id !== one.id && state.generations[id]?.binding === one.binding) return false
  return true
}

function generationLook(
  state: RolloutState,
  one: GenerationState,
  frame: Pick<Look, 'now' | 'snapshot' | 'open' | 'soakMs'>,
  lookBefore: Look | undefined,
): GenerationLook {
  const before = lookBefore === undefined ? undefined : lookOf(lookBefore, one.id)
  const { group, desired, joined, weight } = before ?? (awaitsSlot(state, one) ? UNSEEN : seenOf(frame.snapshot, one))
  const isCounted = before?.facts === factsOf(state, one.id) && before.state.role === one.role
  const census =
    isCounted && lookBefore?.soakMs === frame.soakMs
      ? before
      : censusOf(state, one, group?.instances ?? NOBODY, frame.snapshot, joined, provenSince(one, frame))
  const settled = frame.open.size === 0 || !frame.open.has(`group ${one.group}`)
  if (before !== undefined && census === before && before.state === one && before.settled === settled) return before
  const { present, leaving, healthy, proven, news, known, facts } = census
  const credit = Math.min(proven, desired)
  return { state: one, group, desired, joined, weight, present, leaving, healthy, proven, news, known, facts, credit, settled }
}

/** What was there before was proven long ago; only what this rollout launches has to earn it. */
function provenSince({ role }: GenerationState, { now, soakMs }: Pick<Look, 'now' | 'soakMs'>): At | undefined {
  return role === 'stable' || role === 'leftover' ? undefined : now - soakMs
}

function seenOf(snapshot: FleetSnapshot, one: GenerationState): Seen {
  const group = groupOf(snapshot, one.group)
  const route = routeOf(snapshot, one.binding)
  return {
    group,
    desired: group?.sizes[one.release] ?? 0,
    joined: route?.groups.includes(one.group) ?? false,
    weight: route?.weight ?? 0,
  }
}

function groupsOf(generations: readonly GenerationLook[]): readonly GroupLook[] {
  const groups: { readonly group: GroupView; readonly parts: GenerationLook[] }[] = []
  for (const one of generations) {
    if (one.group === undefined) continue
    const known = groups.find(({ group }) => group === one.group)
    if (known === undefined) groups.push({ group: one.group, parts: [one] })
    else known.parts.push(one)
  }
  return groups
}

/** Whether an intent may still, or once more, take effect. */
export function mayLand(state: RolloutState, flight: Flight, now: At): boolean {
  if (flight.outcome === 'accepted' && !flight.doubtful) return !flight.landed
  // A conditional write that has landed cannot land again: what it expects is no longer there.
  if (flight.landed && flight.command.kind === 'set-weights' && state.plan.restsOn.router?.conditional.can === true) return false
  return now < flightTimes(state, flight).lateUntilAt
}

/** When the last of these intents can no longer land; `undefined` when none of them can. */
export function lastLanding(state: RolloutState, look: Pick<Look, 'now'>, which: (flight: Flight) => boolean): At | undefined {
  let until: At | undefined
  for (const flight of state.flights)
    if (which(flight) && mayLand(state, flight, look.now)) until = Math.max(until ?? 0, flightTimes(state, flight).lateUntilAt)
  return until
}

function openResources(state: RolloutState, snapshot: FleetSnapshot, now: At): ReadonlySet<string> {
  if (state.flights.length === 0) return NOTHING
  const open = new Set<string>()
  for (const flight of state.flights) {
    const settling = now < flightTimes(state, flight).visibleAt
    // Once a lost one should have been seen it is no reason to wait any longer; what it may still do, the guard reckons with.
    const awaited = !flight.landed && (flight.outcome === 'accepted' || settling)
    // A look that does not show the last write that was seen before is older than the write: no basis for anything.
    if (awaited || (settling && isNewest(state, flight) && !showsWhole(flight.command, snapshot))) open.add(flight.resource)
  }
  return open
}

/** Whether a look shows all of a write: a group's size may be read from longer ago than its instances. */
function showsWhole(command: Command, snapshot: FleetSnapshot): boolean {
  return landed(command, snapshot) && (command.kind !== 'remove' || sizesLowered(command, snapshot))
}

function isNewest(state: RolloutState, flight: Flight): boolean {
  return state.flights.findLast((one) => one.resource === flight.resource) === flight
}

function weightsOf(snapshot: FleetSnapshot): Weights {
  if (snapshot.traffic === undefined) return NO_WEIGHTS
  const weights: Record<string, number> = {}
  // What was only begun has no weight, and can be given none.
  for (const { binding, partial, weight } of snapshot.traffic.routing.routes)
    if (partial !== true || weight > 0) weights[binding] = weight
  return weights
}

function possibleWeights(state: RolloutState, seen: Weights, now: At): readonly Weights[] {
  const possible: Weights[] = [seen]
  for (const flight of state.flights)
    if (flight.command.kind === 'set-weights' && mayLand(state, flight, now)) possible.push(flight.command.wanted)
  return possible
}
