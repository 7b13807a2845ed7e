import { sizesWritten, type Command } from './command.ts'
import type { EventOf, EventHead } from './events.ts'
import { mayLand, type GenerationLook, type GroupLook, type Look } from './look.ts'
import type { Flight, RolloutState } from './state.ts'

/** A rise seen at this share or more is taken at its upper bound; a smaller one at its lower (a 5 % canary going from 1 to 2 says "> 20", not 40). */
const TRUSTED_SHARE = 0.25
/** One look never raises the demand by more: what is more will show again. */
const MOST_AT_ONCE = 1.5
/** Routing of this long ago still explains what an autoscaler asks for now. */
const EXTRA_MEMORY_MS = 10_000

/**
 * Demand is a high-water mark, moved only by evidence: a group's size above our own last write, divided by the share of
 * traffic that the group carried, or the cloud's own recommendation. Our own surge is never read back as demand.
 */
export function raisedDemand(state: RolloutState, look: Look): Omit<EventOf<'demand.raised'>, keyof EventHead> | undefined {
  let demand = state.demand
  let evidence = ''
  let known: Record<string, number> = {}
  for (const shared of look.groups) {
    const implied = impliedDemand(state, look, shared)
    if (implied <= demand || writeUnderWay(state, look, shared)) continue
    if (!shared.parts.every((one) => one.settled && !one.state.condemned && asksForDemand(state, one))) continue
    const { asked, found } = growth(shared)
    demand = Math.min(implied, Math.ceil(Math.max(1, state.demand) * MOST_AT_ONCE))
    evidence = `${shared.group.id} was set to ${found}, not by this rollout, which asked for ${asked}`
    // What was cut off will show again; what was taken whole must not, or our own growth on top of it would be read as more.
    known = demand < implied ? {} : desiredOf(shared)
  }
  return demand > state.demand ? { type: 'demand.raised', demand, evidence, known } : undefined
}

/** What is left to be retired asks for nothing; what runs beside in a group that is replaced in place serves like the rest. */
function asksForDemand(state: RolloutState, one: GenerationLook): boolean {
  return one.state.role !== 'leftover' || state.plan.fleet.placement.kind === 'in-place'
}

/** Groups that are smaller than this rollout asked for, though nothing of its own is under way: what they grow by from there on is others' doing. */
export function loweredSizes(state: RolloutState, look: Look): Omit<EventOf<'size.lowered'>, keyof EventHead>[] {
  const facts: Omit<EventOf<'size.lowered'>, keyof EventHead>[] = []
  for (const shared of look.groups) {
    const { asked, desired } = growth(shared)
    if (desired >= asked || writeUnderWay(state, look, shared) || !shared.parts.every((one) => one.settled)) continue
    facts.push({ type: 'size.lowered', group: shared.group.id, sizes: desiredOf(shared) })
  }
  return facts
}

/**
 * What has become of groups that nobody asked for: instances of a release in place of those of another, by the cloud's updater or
 * because it heals with what it launches now, and a size of ours that landed after a later one.
 */
export function movedSizes(state: RolloutState, look: Look): Omit<EventOf<'sizes.moved'>, keyof EventHead>[] {
  const facts: Omit<EventOf<'sizes.moved'>, keyof EventHead>[] = []
  for (const shared of look.groups) {
    // Whoever made a group in part gave it the size that it has.
    const isMoved = shared.group.partial === true || isExchanged(state, shared) || isLate(state, shared)
    const sizes = isMoved ? desiredOf(shared) : besideLaunched(state, shared)
    const parts = shared.parts.filter((one) => (sizes[one.state.id] ?? one.state.asked) !== one.state.asked)
    if (parts.length > 0) facts.push({ type: 'sizes.moved', group: shared.group.id, sizes })
  }
  return facts
}

/** As large as was asked for, though not of what it was asked of. */
function isExchanged(state: RolloutState, shared: GroupLook): boolean {
  const { asked, desired } = growth(shared)
  return desired === asked && sizeWrites(state, shared).every((flight) => flight.landed)
}

/** Just as a write asked for of which nobody knew whether it would land: it did, after those that came later. */
function isLate(state: RolloutState, shared: GroupLook): boolean {
  const { asked, desired } = growth(shared)
  return desired > asked && sizeWrites(state, shared).some(({ command, doubtful }) => doubtful && asksFor(command, shared))
}

function asksFor(command: Command, { parts }: GroupLook): boolean {
  const sizes = sizesWritten(command)
  return parts.every(({ desired, state: { release, asked } }) => desired === (sizes[release] ?? asked))
}

/**
 * More of a release that is launched no more is what an updater had launched: what is asked for of another comes on top of it. While a
 * removal of ours is under way it is what is still to go.
 */
function besideLaunched(state: RolloutState, shared: GroupLook): Readonly<Record<string, number>> {
  if (shared.group.update === undefined) return {}
  if (sizeWrites(state, shared).some((flight) => flight.command.kind === 'remove' && !flight.landed)) return {}
  const { group, parts } = shared
  const more = parts.filter((one) => one.state.release !== group.release && one.desired > one.state.asked)
  return Object.fromEntries(more.map((one) => [one.state.id, one.desired]))
}

/**
 * Whether a group is larger than this rollout asked for and it is not settled yet what that says of the demand. Until
 * then nothing beyond the wanted size is surplus: an autoscaler that has just spoken would be undone.
 */
export function growthUnjudged(state: RolloutState, look: Look, group: string): boolean {
  const shared = look.groups.find((one) => one.group.id === group)
  if (shared === undefined) return false
  const { asked, found } = growth(shared)
  return found > asked && (writeUnderWay(state, look, shared) || impliedDemand(state, look, shared) > state.demand)
}

/** The size that a group was last asked to have by this rollout, the one that it should have now, and the one that its autoscaler would like too. */
function growth({ group, parts }: GroupLook) {
  const asked = sum(parts, (one) => one.state.asked)
  const desired = sum(parts, (one) => one.desired)
  return { asked, desired, found: Math.min(group.max, Math.max(desired, group.recommended ?? 0)) }
}

function desiredOf({ parts }: GroupLook): Readonly<Record<string, number>> {
  return Object.fromEntries(parts.map((one) => [one.state.id, one.desired]))
}

/** The demand that would explain a group's size; 0 when it is no larger than this rollout asked for. */
function impliedDemand(state: RolloutState, look: Look, shared: GroupLook): number {
  const { asked, found } = growth(shared)
  if (found <= asked) return 0
  return byShare(shareOf(state, look, shared.parts), found, state.demand)
}

/** The cloud's own updater replaces instances of one release by those of another, and leaves the sum as it is. */
const MOVES_ONLY: ReadonlySet<Command['kind']> = new Set(['update', 'stop-update'])

/** While a size write of ours may or may not have landed, or may land once more, no size says what anybody else wants. */
function writeUnderWay(state: RolloutState, look: Look, shared: GroupLook): boolean {
  return sizeWrites(state, shared).some((flight) => !flight.landed || (flight.doubtful && mayLand(state, flight, look.now)))
}

function sizeWrites({ flights }: RolloutState, { group }: GroupLook): readonly Flight[] {
  return flights.filter((flight) => flight.resource === `group ${group.id}` && !MOVES_ONLY.has(flight.command.kind))
}

function byShare(share: number, found: number, demand: number): number {
  if (share === 0) return demand
  return share >= TRUSTED_SHARE ? Math.ceil(found / share - 1e-9) : Math.floor((found - 1) / share + 1e-9) + 1
}

/** By weights what the router sent to the group; by count its part of the healthy instances. */
function shareOf(state: RolloutState, look: Look, parts: readonly GenerationLook[]): number {
  const [first] = parts
  if (first !== undefined && state.plan.back[0]?.shape.routing.by === 'weights') return recentShare(state, look, first)
  let healthy = 0
  for (const other of look.generations) healthy += other.healthy
  // While nobody serves, whoever grows does so for all.
  return healthy === 0 ? 1 : sum(parts, (one) => one.healthy) / healthy
}

/** The largest share that the generation carried while the autoscaler may have been looking. */
function recentShare(state: RolloutState, look: Look, one: GenerationLook): number {
  if (look.units === 0) return 1
  const binding = one.state.binding ?? ''
  const since =
    look.now - look.snapshot.facts.autoscalerPeriodMs - (look.snapshot.traffic?.facts.propagationMs ?? 0) - EXTRA_MEMORY_MS
  let most = one.weight
  for (let index = state.routing.length - 1; index >= 0; index--) {
    const past = state.routing[index]
    if (past === undefined) break
    most = Math.max(most, past.units[binding] ?? 0)
    // The routing that was in force at `since` still counts; what came before it does not.
    if (past.at <= since) break
  }
  return most / look.units
}

function sum(parts: readonly GenerationLook[], of: (one: GenerationLook) => number): number {
  let total = 0
  for (const one of parts) total += of(one)
  return total
}
