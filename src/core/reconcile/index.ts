import { inRole, targets } from '../capacity.ts'
import type { Condition } from '../gates.ts'
import type { GenerationLook, Look } from '../look.ts'
import type { Waypoint } from '../plan.ts'
import { isLeast } from '../shape.ts'
import { gaining, type RolloutState } from '../state.ts'
import { runsBeside, withBeside, type Sizes } from './beside.ts'
import { grow } from './grow.ts'
import { holdAll, rolledBy } from './holds.ts'
import { noOrders, type Orders } from './orders.ts'
import { retireAll } from './retire.ts'
import { shift } from './shift.ts'
import { shrink } from './shrink.ts'
import { update } from './update.ts'

/** The next orders towards a waypoint, and how far the fleet is from it. */
export interface Reconciled {
  readonly orders: Orders
  readonly condition: Condition
}

/**
 * The next commands towards a waypoint's shape, in the order that is safe: hold automation, grow, join, shift traffic,
 * drain, shrink, retire. A turn that shifts traffic takes nothing away.
 */
export function reconcile(state: RolloutState, look: Look, waypoint: Waypoint): Reconciled {
  const orders = noOrders()
  const sizes = withBeside(state, look, targets(waypoint.shape, state.demand, look.snapshot.traffic?.facts.units))
  if (holdAll(state, look, orders)) return { orders, condition: approach(state, look, waypoint, sizes, orders) }
  const idle = nothingToUndo(state, look, waypoint, sizes)
  if (idle !== undefined) return idle
  orders.waits.push({ what: 'the fleet to be claimed' })
  return { orders, condition: { ready: false, routed: false, why: 'the fleet is not claimed yet' } }
}

/** On the way back, a fleet that is as it shall be needs no claim: it may be the claim itself that was refused. */
function nothingToUndo(state: RolloutState, look: Look, waypoint: Waypoint, sizes: Sizes): Reconciled | undefined {
  if (state.aim !== 'back') return undefined
  const orders = noOrders()
  if (rolledBy(state, look) !== undefined) return { orders, condition: { ready: true, routed: true, why: '' } }
  const condition = approach(state, look, waypoint, sizes, orders)
  const done = condition.ready || orders.gone.length > 0
  return done && orders.commands.length === 0 ? { orders, condition } : undefined
}

/** Orders all that is to be done but to hold, and says how far the fleet is. */
function approach(state: RolloutState, look: Look, waypoint: Waypoint, sizes: Sizes, orders: Orders): Condition {
  const rests = update(state, look, waypoint, sizes, orders)
  const own = waypoint.agency === 'engine'
  // What is launched is not changed under an updater's hands, nor is anybody chosen while it chooses.
  if (own && !rests) return { ready: false, routed: false, why: "the cloud's own updater is at work" }
  grow(state, look, waypoint, sizes.roles, orders)
  const routed = shift(state, look, waypoint, orders)
  const shifting = orders.commands.some((command) => command.kind === 'set-weights')
  if (own && !shifting && waypoint.shape.routing.by === 'count') shrink(state, look, waypoint, sizes, orders)
  // While traffic is shifted the routing is not on target, whatever else is.
  const gone = shifting || retireAll(state, look, waypoint, sizes.beside, orders)
  const short = shortfall(state, look, waypoint, sizes)
  const why = short?.why ?? whyNot(routed, gone, rests)
  if (short !== undefined) orders.waits.push({ what: short.wait })
  const ready = short === undefined && routed && gone && rests
  // By count an instance gets its share by being there: the routing is in force once the sizes are.
  return { ready, routed: waypoint.shape.routing.by === 'count' ? ready : routed, why }
}

function whyNot(routed: boolean, gone: boolean, rests: boolean): string {
  if (!routed) return 'the routing is not on target'
  if (!gone) return 'a generation is not gone yet'
  return rests ? '' : "the cloud's own updater has not ended"
}

/** What is missing, as a fact and as what is waited for. */
interface Shortfall {
  readonly why: string
  readonly wait: string
}

/** What is missing from the wanted sizes; the generation that gains must be healthy, the other is the guard's concern. */
function shortfall(state: RolloutState, look: Look, waypoint: Waypoint, sizes: Sizes): Shortfall | undefined {
  const winner = gaining(state)
  for (const role of ['stable', 'candidate', 'baseline'] as const) {
    const shape = waypoint.shape.generations[role]
    const wanted = sizes.roles[role]
    if (shape === undefined || wanted === undefined || shape.state === 'retired') continue
    const one = inRole(state, look, role)
    const healthy = one?.credit ?? 0
    const id = one?.state.id ?? role
    if (role === winner && one?.group !== undefined && one.group.release !== one.state.release)
      return { why: `${one.state.group} launches another release`, wait: `${one.state.group} to launch ${one.state.release}` }
    if (role === winner && one?.group?.partial === true)
      return { why: `${one.state.group} is made in part`, wait: `the rest of ${one.state.group} to be made` }
    if (role === winner && healthy < wanted)
      return {
        why: `${healthy} of ${wanted} instances of ${id} are healthy`,
        wait: `${wanted} healthy ${wanted === 1 ? 'instance' : 'instances'} of ${id}, ${healthy} so far`,
      }
    if (isLeast(shape.size) || one === undefined) continue
    const excess = beyond(one, wanted)
    if (excess !== undefined) return excess
  }
  for (const one of runsBeside(state, look)) {
    const excess = beyond(one, sizes.beside.get(one.state.id) ?? 0)
    if (excess !== undefined) return excess
  }
  return undefined
}

function beyond({ state: { id }, desired, present, leaving }: GenerationLook, wanted: number): Shortfall | undefined {
  const there = present.length + leaving.length
  if (desired <= wanted && there <= wanted) return undefined
  return {
    why: `${there} instances of ${id} are there, ${wanted} are wanted`,
    wait: `${id} to have ${wanted} instances, ${there} so far`,
  }
}
