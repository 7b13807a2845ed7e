import { lookOf, type GenerationLook, type Look } from './look.ts'
import type { InstanceView, RoutingView } from './snapshot.ts'
import { countOf, type Count, type Role, type Shape, type SizeRule } from './shape.ts'
import type { GenerationState, RolloutState } from './state.ts'

/**
 * Healthy serving capacity that is never given up: `floor` of the demand, less what may be unavailable, at least 1.
 *
 * | floor | demand | maxUnavailable | instances |
 * | 100% | 6 | 0 | 6 |
 * | 100% | 6 | 1 | 5 |
 * | 80% | 6 | 0 | 5 |
 * | 100% | 2 | 2 | 1 |
 * | 100% | 0 | 0 | 0 |
 */
export function floorOf(floor: Count, demand: number, maxUnavailable: Count): number {
  if (demand === 0) return 0
  return Math.max(1, countOf(floor, demand, 'up') - countOf(maxUnavailable, demand, 'down'))
}

/** Instances that this share of the traffic needs: rounded up, and at least one for any weight at all. */
export function need(weight: number, units: number, demand: number): number {
  return weight <= 0 ? 0 : Math.max(1, Math.ceil((weight / units) * demand - 1e-9))
}

const ROLES = ['stable', 'candidate', 'baseline'] as const

/** Percent by role in a router's units, at least one for any weight at all; the largest share takes what rounding leaves. */
export function inUnits(
  percent: Readonly<Partial<Record<Role, number>>>,
  units: number,
): Readonly<Partial<Record<Role, number>>> {
  const result: Partial<Record<Role, number>> = {}
  let left = units
  let largest: Role | undefined
  for (const role of ROLES) {
    const share = percent[role] ?? 0
    if (share === 0) continue
    const rounded = Math.max(1, Math.round((share * units) / 100))
    result[role] = rounded
    left -= rounded
    if (largest === undefined || rounded > (result[largest] ?? 0)) largest = role
  }
  if (largest !== undefined) result[largest] = (result[largest] ?? 0) + left
  return result
}

/**
 * Instances that a shape asks of each role at this demand.
 *
 * @param units of the router: a share that it rounds up needs as many instances as it comes to.
 */
export function targets(shape: Shape, demand: number, units = 100): Readonly<Partial<Record<Role, number>>> {
  const weights = shape.routing.by === 'weights' ? inUnits(shape.routing.weights, units) : {}
  const result: Partial<Record<Role, number>> = {}
  let others = 0
  let rest: Role | undefined
  for (const role in shape.generations) {
    const one = shape.generations[role as Role]
    if (one === undefined) continue
    if (one.size.kind === 'rest') {
      rest = role as Role
      continue
    }
    const needed = need(weights[role as Role] ?? 0, units, demand)
    const size = one.state === 'retired' ? 0 : Math.max(sized(one.size, demand), needed)
    result[role as Role] = size
    others += size
  }
  if (rest !== undefined) result[rest] = Math.max(0, demand - others)
  return result
}

/** Credit of all generations that serve when every instance gets the same share, or of those that are meant. */
export function servingCredit(look: Look, meant: (one: GenerationState) => boolean = () => true): number {
  let total = 0
  for (const one of look.generations) if (serves(look, one) && meant(one.state)) total += one.credit
  return total
}

/** Whether a generation's healthy instances get traffic when routing is by count. */
export function serves(look: Look, one: GenerationLook): boolean {
  return one.group !== undefined && (look.snapshot.traffic === undefined || one.joined)
}

/**
 * Whether an instance is better than nothing while too few serve, though nobody relies on it: it is sent requests, and is not ill.
 * Of one that only starts the router may know better, for one look may be older than the other.
 */
export function helps(look: Look, { id, state }: InstanceView): boolean {
  if (look.snapshot.traffic === undefined) return state === 'healthy'
  return state !== 'unhealthy' && look.snapshot.traffic.routing.instances[id]?.state === 'in'
}

/** Whether a router has let go of an instance of a group that is joined; some routers then name it no more. */
export function hasLeft({ instances }: RoutingView, id: string): boolean {
  const state = instances[id]?.state ?? 'out'
  return state === 'out' || state === 'draining'
}

/** The look of the generation in a role. */
export function inRole(state: RolloutState, look: Look, role: Role): GenerationLook | undefined {
  const id = state.roles[role]
  return id === undefined ? undefined : lookOf(look, id)
}

function sized(rule: Exclude<SizeRule, { kind: 'rest' }>, demand: number): number {
  return rule.kind === 'count' ? Math.min(rule.count, demand) : Math.ceil(rule.share * demand - 1e-9)
}
