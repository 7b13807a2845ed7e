import { floorOf, inRole, servingCredit } from '../capacity.ts'
import { mayLand, type GenerationLook, type Look } from '../look.ts'
import { hasRoute, isPrepared, routeOf } from '../landed.ts'
import type { Waypoint } from '../plan.ts'
import type { BindingId } from '../snapshot.ts'
import { countOf, type Role } from '../shape.ts'
import { awaitsSlot, gaining, sharesRoute, type RolloutState } from '../state.ts'
import type { Orders } from './orders.ts'

/**
 * Makes the generations of the shape exist, joined to their routes, and as large as the budget allows.
 *
 * Growth is the only thing that {@link Command} `resize` is used for; shrinking names its victims.
 */
export function grow(
  state: RolloutState,
  look: Look,
  waypoint: Waypoint,
  sizes: Readonly<Partial<Record<Role, number>>>,
  orders: Orders,
): void {
  let room = roomFor(state, look, waypoint)
  // While too few serve nothing drained may go, though its size counts: where more came to be needed, others are launched beside it.
  const short = servingCredit(look) < floorOf(state.plan.floor, state.demand, waypoint.budget.maxUnavailable)
  for (const role of ['stable', 'candidate', 'baseline'] as const) {
    const wanted = sizes[role]
    const one = inRole(state, look, role)
    if (wanted === undefined || one === undefined || one.state.condemned) continue
    const retired = waypoint.shape.generations[role]?.state === 'retired'
    if (retired) continue
    if (awaitsSlot(state, one.state)) {
      orders.waits.push({ what: `${one.state.group} to be empty` })
      continue
    }
    // One that is missing is not made anew: it will be found again, or be lost.
    if (one.group === undefined && one.state.exists) continue
    const counted = countedAlready(state, look, one)
    const size = Math.min(wanted + (short ? makingRoom(state, one) : 0), counted + room)
    const unmade = isToBe(state, one, role, wanted) || launchesOther(state, one, role) || one.group?.partial === true
    if (size > one.desired || unmade) {
      if (ordered(state, look, one, Math.max(size, askedAnyway(one)), orders)) room -= Math.max(0, size - counted)
      else orders.waits.push({ what: `${one.state.id} to exist with ${size} ${size === 1 ? 'instance' : 'instances'}` })
    }
    joinRoute(look, one, orders)
  }
}

/** Whoever makes the rest of a group asks for no more than was asked before: what somebody else has added is no wish of the rollout's. */
function askedAnyway({ group, desired, state }: GenerationLook): number {
  return group?.partial === true ? Math.min(desired, state.asked) : desired
}

/** A group that is not there and shall be: of a fleet without instances only the one that takes over. */
function isToBe(state: RolloutState, one: GenerationLook, role: Role, wanted: number): boolean {
  return one.group === undefined && (wanted > 0 || role === gaining(state))
}

/** In place, what the group launches comes first: a repair would otherwise bring back what is being replaced. */
function launchesOther(state: RolloutState, one: GenerationLook, role: Role): boolean {
  if (state.plan.fleet.placement.kind !== 'in-place' || one.group === undefined || one.group.release === one.state.release)
    return false
  return role === gaining(state)
}

/** Instances that may still be added: demand and surge less all that is desired; a drained instance has made room already. */
function roomFor(state: RolloutState, look: Look, { agency, budget }: Waypoint): number {
  // The cloud's own updater surges by itself, beyond the size.
  const maxSurge = agency === 'native' ? 0 : budget.maxSurge
  if (maxSurge === 'unbounded') return Infinity
  let desired = 0
  for (const one of look.generations) desired += mayReach(state, look, one) - makingRoom(state, one)
  return Math.max(0, state.demand + countOf(maxSurge, state.demand, 'up') - desired)
}

/** Drained instances that the size still counts: of one whose removal was asked for it was lowered, or will be, already. */
function makingRoom(state: RolloutState, one: GenerationLook): number {
  const drained = one.leaving.filter((instance) => one.facts[instance.id]?.drainedAt !== undefined)
  if (drained.length === 0) return 0
  const asked = new Set<string>()
  for (const { command } of state.flights)
    if (command.kind === 'remove' && command.group === one.state.group) for (const id of command.instances) asked.add(id)
  return drained.filter((instance) => !asked.has(instance.id)).length
}

/** The size of a generation, or the larger one that a size write of ours may still give it. */
function mayReach(state: RolloutState, look: Look, one: GenerationLook): number {
  const resource = `group ${one.state.group}`
  const grows = state.flights.some((flight) => flight.resource === resource && mayLand(state, flight, look.now))
  return grows ? Math.max(one.desired, one.state.asked) : one.desired
}

/** The size of a generation, or the larger one that a lost write asked for: it uses its room already, and may be asked for again. */
function countedAlready(state: RolloutState, look: Look, one: GenerationLook): number {
  const { group, release, asked } = one.state
  const lost = state.flights.some((flight) => {
    if (flight.landed || flight.resource !== `group ${group}` || !mayLand(state, flight, look.now)) return false
    const { command } = flight
    if (command.kind === 'ensure-group') return command.release === release && command.size === asked
    return command.kind === 'resize' && command.sizes[release] === asked
  })
  return lost ? Math.max(one.desired, asked) : one.desired
}

function ordered(state: RolloutState, look: Look, one: GenerationLook, size: number, orders: Orders): boolean {
  const { group, release, binding } = one.state
  if (look.open.has(`group ${group}`)) return false
  if (one.group?.release === release && one.group.partial !== true) {
    if (size <= one.desired) return true
    const version = look.snapshot.facts.conditional.can ? one.group.version : undefined
    orders.commands.push({ kind: 'resize', group, sizes: { [release]: size }, ...(version === undefined ? {} : { version }) })
    return true
  }
  if (binding !== undefined && lacksRoute(state, look, one, binding)) {
    if (!look.open.has(`route ${binding}`)) orders.commands.push({ kind: 'prepare', binding })
    return false
  }
  const like = state.plan.stable.group
  const source = look.snapshot.groups.some((known) => known.id === like) ? like : (look.snapshot.groups[0]?.id ?? like)
  orders.commands.push({
    kind: 'ensure-group',
    group,
    release,
    like: source,
    size,
    ...(binding === undefined ? {} : { binding }),
  })
  return true
}

/** Whether its route is to be made first, or led to by the router's preview; of a route that is shared nobody asks the preview. */
function lacksRoute(state: RolloutState, { snapshot }: Look, one: GenerationLook, binding: BindingId): boolean {
  if (snapshot.traffic === undefined) return false
  return !(sharesRoute(state, one.state) ? hasRoute(snapshot, binding) : isPrepared(snapshot, binding))
}

function joinRoute(look: Look, one: GenerationLook, orders: Orders): void {
  const { binding, group } = one.state
  if (look.snapshot.traffic === undefined || binding === undefined || one.group === undefined || one.joined) return
  const route = routeOf(look.snapshot, binding)
  if (route?.partial === true && !look.open.has(`route ${binding}`)) orders.commands.push({ kind: 'prepare', binding })
  if (route === undefined || route.partial === true || look.open.has(`members ${binding} ${group}`)) return
  if (look.open.has(`group ${group}`)) return
  orders.commands.push({ kind: 'join', binding, group })
}
