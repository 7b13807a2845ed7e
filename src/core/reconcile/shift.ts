import { inRole, inUnits, need } from '../capacity.ts'
import { guard } from '../guard.ts'
import type { GenerationLook, Look } from '../look.ts'
import type { Waypoint } from '../plan.ts'
import type { Weights } from '../ports.ts'
import type { Role } from '../shape.ts'
import type { RolloutState } from '../state.ts'
import type { Orders } from './orders.ts'

/**
 * Moves traffic towards the shape's routing, once the generations that gain can carry it.
 *
 * @returns whether the routing is on target and nothing of ours about it is open.
 */
export function shift(state: RolloutState, look: Look, waypoint: Waypoint, orders: Orders): boolean {
  if (waypoint.shape.routing.by === 'count' || look.snapshot.traffic === undefined) return true
  const wanted = unitsFor(state, look, waypoint.shape.routing.weights)
  if (wanted === undefined) return false
  if (!look.routingSettled) {
    orders.waits.push({ what: 'a weight change to be seen' })
    return false
  }
  if (sameWeights(look.weights, wanted)) return true
  const next = carried(state, look, waypoint, wanted)
  if (next === undefined) orders.waits.push({ what: 'enough healthy instances for the next weight' })
  else if (!sameWeights(next, look.weights)) orders.commands.push({ kind: 'set-weights', expected: look.weights, wanted: next })
  return false
}

/** Percent by role in the router's units, by binding. `undefined`: a route is not there yet. */
export function unitsFor(state: RolloutState, look: Look, percent: Readonly<Partial<Record<Role, number>>>): Weights | undefined {
  const wanted: Record<string, number> = {}
  for (const binding in look.weights) wanted[binding] = 0
  const units = inUnits(percent, look.units)
  for (const role in units) {
    const binding = inRole(state, look, role as Role)?.state.binding
    if (binding === undefined || wanted[binding] === undefined) return undefined
    wanted[binding] = units[role as Role] ?? 0
  }
  return wanted
}

/** The wanted weights if the gaining side can carry them; on the way back, as much of them as it can carry now, where the router gives parts. */
function carried(state: RolloutState, look: Look, waypoint: Waypoint, wanted: Weights): Weights | undefined {
  if (guard(state, look, waypoint.budget, { kind: 'set-weights', expected: look.weights, wanted }) === undefined) return wanted
  if (state.aim === 'forward' || look.snapshot.traffic?.facts.shares?.can === false) return undefined
  const to = inRole(state, look, state.aim === 'salvage' ? 'candidate' : 'stable')
  return to === undefined ? undefined : partly(state, look, to)
}

/** The largest weight that a generation's credit carries, in steps of a tenth so that a return is not a hundred writes. */
function partly(state: RolloutState, look: Look, to: GenerationLook): Weights | undefined {
  const binding = to.state.binding
  if (binding === undefined || to.state.condemned) return undefined
  const step = Math.max(1, Math.floor(look.units / 10))
  let weight = look.units
  while (weight > to.weight && need(weight, look.units, state.demand) > to.credit) weight -= step
  if (weight <= to.weight) return undefined
  const others = look.units - to.weight
  const result: Record<string, number> = {}
  let left = look.units - weight
  let last = binding
  for (const [id, now] of Object.entries(look.weights)) {
    if (id === binding) continue
    const kept = Math.min(left, Math.floor((now / others) * (look.units - weight)))
    result[id] = kept
    left -= kept
    if (now > 0) last = id
  }
  result[binding] = weight
  result[last] = (result[last] ?? 0) + left
  return result
}

/** Whether two sets of weights are the same; a binding that is not named has 0. */
export function sameWeights(a: Weights, b: Weights): boolean {
  for (const binding in a) if ((a[binding] ?? 0) !== (b[binding] ?? 0)) return false
  for (const binding in b) if ((a[binding] ?? 0) !== (b[binding] ?? 0)) return false
  return true
}
