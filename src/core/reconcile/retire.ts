import type { GenerationLook, Look } from '../look.ts'
import { lastLanding } from '../look.ts'
import { reachable, routeOf } from '../landed.ts'
import type { Waypoint } from '../plan.ts'
import { sharesRoute, type RolloutState } from '../state.ts'
import type { Sizes } from './beside.ts'
import { drainGeneration } from './drain.ts'
import type { Orders } from './orders.ts'
import { routedSince } from '../waits.ts'

/**
 * Takes retired generations and leftovers out of the world: out of the route, drained, the route seen gone, then the
 * group (law 5b: a late write that names the route is refused by the cloud).
 *
 * @param beside what stays for now of generations that share a group which is replaced in place.
 * @returns whether all of them are gone.
 */
export function retireAll(
  state: RolloutState,
  look: Look,
  waypoint: Waypoint | undefined,
  beside: Sizes['beside'],
  orders: Orders,
): boolean {
  let gone = true
  for (const one of look.generations) {
    if (!retires(state, one, waypoint)) continue
    if (state.plan.fleet.placement.kind === 'in-place') {
      if (!emptied(state, look, one)) gone = gone && (beside.get(one.state.id) ?? 0) > 0
      else if (one.state.role === 'leftover' && one.settled) orders.gone.push(one.state.id)
    } else {
      gone = false
      retire(state, look, one, orders)
    }
  }
  return gone
}

function retires(state: RolloutState, one: GenerationLook, waypoint: Waypoint | undefined): boolean {
  if (one.state.keptFor !== undefined) return false
  if (one.state.role === 'leftover' || one.state.lost) return true
  return waypoint?.shape.generations[one.state.role]?.state === 'retired'
}

/** In place nothing of it is there, nor may a creation of ours still bring it. */
function emptied(state: RolloutState, look: Look, one: GenerationLook): boolean {
  if (!one.settled || mayAppearUntil(state, one, look) !== undefined) return false
  return one.desired === 0 && one.present.length === 0 && one.leaving.length === 0
}

function retire(state: RolloutState, look: Look, one: GenerationLook, orders: Orders): void {
  const { group, binding } = one.state
  if (one.group !== undefined && look.snapshot.groups.length === 1) {
    // The last group that is seen stays, route and all, until another one is: what is built anew is made like it.
    orders.waits.push({ what: `a group beside ${group}` })
    return
  }
  const shared = binding !== undefined && sharesRoute(state, one.state)
  const route = routeOf(look.snapshot, binding)
  const stays = state.plan.fleet.placement.kind === 'slots'
  if (route !== undefined && binding !== undefined && one.group !== undefined && one.joined) {
    if (!mayLeave(state, look, one, shared, orders)) return
    const instances = stays ? reached(look, one) : 'all'
    if (instances.length > 0) {
      if (!look.open.has(`members ${binding} ${group}`)) orders.commands.push({ kind: 'leave', binding, group, instances })
      return
    }
  }
  if (one.group !== undefined && !drainGeneration(state, look, one, orders)) return
  if (route !== undefined && binding !== undefined && !shared && !stays) {
    if (one.weight > 0) orders.waits.push({ what: `weight of ${one.state.id} to be 0` })
    else if (undisturbed(state, look, 0, orders) && !look.open.has(`route ${binding}`))
      orders.commands.push({ kind: 'release-route', binding })
    return
  }
  if (one.group !== undefined) {
    if (one.settled) orders.commands.push({ kind: 'retire', group })
    else orders.waits.push({ what: `${group} to be gone` })
    return
  }
  const until = stays ? mayTouchUntil(state, one, look) : mayAppearUntil(state, one, look)
  const routed = binding !== undefined && look.open.has(`route ${binding}`)
  if (one.settled && !routed && until === undefined) orders.gone.push(one.state.id)
  else orders.waits.push({ what: `${group} to stay gone`, ...(until === undefined ? {} : { untilAt: until }) })
}

/** Instances of a slot that still receive traffic: it stays joined to its route, also while it is empty. */
function reached(look: Look, { present, leaving }: GenerationLook): readonly string[] {
  const routed = look.snapshot.traffic?.routing.instances
  return [...present, ...leaving].filter(({ id }) => reachable(routed?.[id])).map(({ id }) => id)
}

/** The last moment for second thoughts: routing long undisturbed, and by count nothing of it left to serve. */
function mayLeave(state: RolloutState, look: Look, one: GenerationLook, shared: boolean, orders: Orders): boolean {
  if (shared) {
    // Nobody shrinks what no waypoint is about: a leftover, or what came back after it was lost, goes with whoever is in it.
    if (one.present.length === 0 || one.state.role === 'leftover' || one.state.lost) return true
    orders.waits.push({ what: `${one.state.id} to be empty` })
    return false
  }
  if (one.weight > 0) orders.waits.push({ what: `weight of ${one.state.id} to be 0` })
  return one.weight === 0 && undisturbed(state, look, state.aim === 'forward' ? state.bakeOwedMs : 0, orders)
}

/** Whether the routing has stood for as long as it takes to be true for every request, or longer where that is owed. */
function undisturbed(state: RolloutState, look: Look, owedMs: number, orders: Orders): boolean {
  const untilAt = routedSince(state) + Math.max(look.snapshot.traffic?.facts.propagationMs ?? 0, owedMs)
  if (look.routingSettled && look.now >= untilAt) return true
  orders.waits.push({ what: `the routing to be undisturbed`, untilAt })
  return false
}

/** When the last creation of ours that could still bring the generation's group or route into the world can no longer land. */
function mayAppearUntil(state: RolloutState, one: GenerationLook, look: Look): number | undefined {
  return lastLanding(state, look, ({ command }) => {
    if (command.kind === 'ensure-group') return command.group === one.state.group
    return command.kind === 'prepare' && command.binding === one.state.binding
  })
}

/** The same for everything of ours about a slot: who comes after is there under the same names (law 5). */
function mayTouchUntil(state: RolloutState, { state: { group, binding } }: GenerationLook, look: Look): number | undefined {
  return lastLanding(state, look, ({ command }) => {
    if ('group' in command) return command.group === group
    return command.kind === 'set-weights' || command.binding === binding
  })
}
