import { floorOf, hasLeft, helps, need, servingCredit, serves } from './capacity.ts'
import type { Command } from './command.ts'
import type { GenerationLook, Look } from './look.ts'
import type { Weights } from './ports.ts'
import type { Budget } from './shape.ts'
import type { RolloutState } from './state.ts'

/**
 * Why a command must not go out, or `undefined`. Judged on what is observed now, never on what was intended.
 *
 * A command that lowers serving capacity below the floor is refused whatever the plan says; one that makes things
 * strictly better is allowed, so that an unhealthy fleet can be mended.
 */
export function guard(state: RolloutState, look: Look, budget: Budget, command: Command): string | undefined {
  switch (command.kind) {
    case 'set-weights':
      return guardShift(state, look, command.wanted)
    case 'leave':
      return guardLoss(state, look, budget, command.group, command.instances)
    case 'remove':
      return command.instances.length === 0 ? undefined : guardLoss(state, look, budget, command.group, command.instances)
    case 'release-route':
      return guardRoute(look, command.binding)
    case 'retire':
      return guardLoss(state, look, budget, command.group, 'all') ?? guardStillRouted(state, look, command.group)
    case 'hold':
    case 'release':
    case 'prepare':
    case 'join':
    case 'ensure-group':
    case 'resize':
    // Its capacity is the updater's promise: imago can only stop it.
    case 'update':
    case 'stop-update':
      return undefined
  }
}

/** A generation may get weight only if it is not condemned and its credit carries it, unless that is strictly better than now. */
function guardShift(state: RolloutState, look: Look, wanted: Weights): string | undefined {
  for (const one of look.generations) {
    const weight = wanted[one.state.binding ?? ''] ?? 0
    if (weight > 0 && one.state.condemned) return `${one.state.id} is being retired and never gets traffic again`
  }
  for (const one of look.generations) {
    const weight = wanted[one.state.binding ?? ''] ?? 0
    const needed = need(weight, look.units, state.demand)
    if (weight <= one.weight || carriers(one) >= needed) continue
    if (strictlyBetter(state, look, wanted)) return undefined
    const has = one.joined ? `has ${one.credit}` : 'is not joined to its route'
    return `${one.state.id} would need ${needed} healthy instances for weight ${weight} of ${look.units} and ${has}`
  }
  return undefined
}

/**
 * Better by both measures: the worst-served share is served better, and no more instances are missing in all. What has
 * traffic serves with all that is healthy, proven or not; what gets more counts only with what has proven itself.
 */
function strictlyBetter(state: RolloutState, look: Look, wanted: Weights): boolean {
  const before = measure(state, look, look.weights)
  const after = measure(state, look, wanted)
  return after.ratio > before.ratio && after.missing <= before.missing
}

function measure(state: RolloutState, look: Look, weights: Weights) {
  let ratio = Infinity
  let missing = 0
  for (const one of look.generations) {
    const weight = weights[one.state.binding ?? ''] ?? 0
    if (weight <= 0) continue
    const carrying = weight > one.weight ? carriers(one) : servers(one)
    ratio = Math.min(ratio, carrying / weight)
    missing += Math.max(0, need(weight, look.units, state.demand) - carrying)
  }
  return { ratio, missing }
}

/** Healthy instances that would take what their route is given: a group that is not joined takes nothing. */
function carriers(one: GenerationLook): number {
  return one.joined ? one.credit : 0
}

/** Healthy instances that take what their route is given now. */
function servers(one: GenerationLook): number {
  return one.joined ? Math.min(one.healthy, one.desired) : 0
}

/** Taking instances out of service: under every routing that may be in force the rest must carry the traffic. */
function guardLoss(
  state: RolloutState,
  look: Look,
  budget: Budget,
  group: string,
  instances: readonly string[] | 'all',
): string | undefined {
  const floor = floorOf(state.plan.floor, state.demand, budget.maxUnavailable)
  for (const one of look.generations) {
    if (one.state.group !== group) continue
    const lost = creditLost(look, one, instances)
    const touched = lost + outOfRoute(look, one, instances) + stillServing(look, one, instances)
    if (instances !== 'all' && touched === 0) continue
    if (look.snapshot.traffic !== undefined && state.plan.stable.binding !== state.plan.candidate.binding) {
      const refusal = lossUnderWeights(look, one, lost, floor, instances)
      if (refusal !== undefined) return refusal
    } else if (serves(look, one) && touched > 0 && servingCredit(look) - lost < floor)
      return `${servingCredit(look) - lost} healthy instances would serve, fewer than the floor of ${floor}`
  }
  return undefined
}

function lossUnderWeights(look: Look, one: GenerationLook, lost: number, floor: number, instances: readonly string[] | 'all') {
  if (instances === 'all' && !one.state.condemned) {
    const short = shortOfWeight(look, floor)
    if (short !== undefined) return short
  }
  for (const routing of look.possible) {
    const weight = routing[one.state.binding ?? ''] ?? 0
    if (weight === 0) continue
    if (instances === 'all') return `${one.state.id} has, or may yet get, weight ${weight} of ${look.units}`
    const needed = need(weight, look.units, floor)
    if (one.credit - lost < needed)
      return `${one.state.id} would keep ${one.credit - lost} healthy instances and needs ${needed} for its weight`
  }
  return undefined
}

/** While those that serve cannot carry their weight, nothing that could help them is destroyed. */
function shortOfWeight(look: Look, floor: number): string | undefined {
  for (const one of look.generations) {
    const needed = need(one.weight, look.units, floor)
    if (one.credit < needed) return `${one.state.id} serves with ${one.credit} healthy instances and needs ${needed}`
  }
  return undefined
}

function creditLost(look: Look, one: GenerationLook, instances: readonly string[] | 'all'): number {
  if (instances === 'all') return one.credit
  const named = one.present.filter((instance) => instances.includes(instance.id) && instance.state === 'healthy')
  return Math.min(named.length - outOfRoute(look, one, instances), one.credit)
}

/** Healthy instances that the router has let go of: they carry nothing, but while the rest is too few they could yet help. */
function outOfRoute(look: Look, one: GenerationLook, instances: readonly string[] | 'all'): number {
  if (instances === 'all' || !one.joined) return 0
  const routing = look.snapshot.traffic?.routing
  if (routing === undefined) return 0
  return one.present.filter(({ id, state }) => state === 'healthy' && instances.includes(id) && hasLeft(routing, id)).length
}

/** Instances named to leave that are not relied on, but while the rest is too few are better than nothing. */
function stillServing(look: Look, one: GenerationLook, instances: readonly string[] | 'all'): number {
  return one.leaving.filter((instance) => (instances === 'all' || instances.includes(instance.id)) && helps(look, instance))
    .length
}

function guardRoute(look: Look, binding: string): string | undefined {
  const weight = Math.max(...look.possible.map((routing) => routing[binding] ?? 0))
  return weight === 0 ? undefined : `the route ${binding} has, or may yet get, weight ${weight} of ${look.units}`
}

/** Route before instances: a group still joined to a route could be given traffic by a late write. A slot is, but nothing of it is reached. */
function guardStillRouted({ plan }: RolloutState, look: Look, group: string): string | undefined {
  if (plan.fleet.placement.kind === 'slots') return undefined
  for (const route of look.snapshot.traffic?.routing.routes ?? [])
    if (route.groups.includes(group)) return `${group} still receives what the route ${route.binding} receives`
  return undefined
}
