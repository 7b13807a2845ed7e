import { floorOf, targets } from './capacity.ts'
import type { DrainPolicy, Estimate, Gate, Waypoint } from './plan.ts'
import { countOf, type Count } from './shape.ts'
import type { ProviderFacts, RouterFacts } from './snapshot.ts'
import { drainTimeMs } from './waits.ts'

/** What estimates rest on: the demand of now and the times that the adapters know. */
export interface Usual {
  readonly demand: number
  readonly floor: Count
  readonly provider: ProviderFacts
  readonly router?: RouterFacts
  readonly drain: DrainPolicy
  /** Time between two looks. */
  readonly lookMs: number
}

/** Changes that follow each other, each seen before the next: hold, route, group, members, weights, and the gate's own look. */
const STEPS = 6

/**
 * What to expect of each waypoint: peak, least serving capacity, earliest and latest time, and the way back. The earliest
 * is when instances boot as they usually do and nothing else takes time; the latest when each takes what it may.
 */
export function estimates(waypoints: readonly Waypoint[], back: readonly Waypoint[], usual: Usual): readonly Estimate[] {
  let before: Sizes = { stable: usual.demand, candidate: 0, total: usual.demand }
  return waypoints.map((waypoint) => {
    const sizes = sizesOf(waypoint, usual)
    const { maxSurge, maxUnavailable } = waypoint.budget
    const most =
      maxSurge === 'unbounded' ? sizes.total : Math.max(sizes.total, usual.demand + countOf(maxSurge, usual.demand, 'up'))
    const estimate = {
      waypoint: waypoint.id,
      peakInstances: Math.max(before.total, most),
      leastServing: floorOf(usual.floor, usual.demand, maxUnavailable),
      earliestMs: earliest(waypoint, usual, sizes.candidate - before.candidate),
      latestMs: latest(waypoint, usual, sizes.candidate - before.candidate),
      ...wayBack(waypoint, back, usual, sizes),
    }
    before = sizes
    return estimate
  })
}

interface Sizes {
  readonly stable: number
  readonly candidate: number
  readonly total: number
}

function sizesOf(waypoint: Waypoint, { demand, router }: Usual): Sizes {
  const { stable = 0, candidate = 0, baseline = 0 } = targets(waypoint.shape, demand, router?.units)
  return { stable, candidate, total: stable + candidate + baseline }
}

/** Boots that must follow each other: all at once where the shape says how many, else as many as surge and floor let go. */
function wavesOf({ budget: { maxSurge, maxUnavailable } }: Waypoint, { demand, floor }: Usual, moves: number): number {
  if (moves <= 0) return 0
  if (maxSurge === 'unbounded') return 1
  const width = countOf(maxSurge, demand, 'up') + demand - floorOf(floor, demand, maxUnavailable)
  return Math.ceil(moves / Math.max(1, width))
}

function earliest(waypoint: Waypoint, usual: Usual, moves: number): number {
  const waves = wavesOf(waypoint, usual, moves)
  const drains = waypoint.shape.routing.by === 'count' ? Math.max(0, waves - 1) * (usual.router?.propagationMs ?? 0) : 0
  return waves * (usual.provider.usualBootMs + waypoint.budget.soakMs) + drains + sideMs(waypoint.gates, usual, 'least')
}

/**
 * How long these waypoints take when instances boot as they usually do, each drains for as long as it may, and every change is seen
 * before the next, milliseconds. It lies between the two ends of an estimate: the earliest knows no drains, and the latest lets each boot
 * take its whole deadline. People are not reckoned with, nor checks that are asked.
 */
export function usualMs(waypoints: readonly Waypoint[], usual: Usual): number {
  let [total, before] = [0, 0]
  for (const waypoint of waypoints) {
    const { candidate } = sizesOf(waypoint, usual)
    const waves = Math.max(1, wavesOf(waypoint, usual, candidate - before))
    total += waves * (usual.provider.usualBootMs + besideBootMs(waypoint, usual)) + sideMs(waypoint.gates, usual, 'least')
    before = candidate
  }
  return total
}

/** What a wave takes beside its boot: soak, drain, and each change being seen. */
function besideBootMs({ budget }: Waypoint, usual: Usual): number {
  const { provider, router, lookMs } = usual
  const settleMs = Math.max(provider.settleMs, router?.settleMs ?? 0)
  const drainMs = drainTimeMs({ restsOn: usual, drain: usual.drain }) + (router?.propagationMs ?? 0)
  return budget.soakMs + drainMs + STEPS * (settleMs + lookMs)
}

/** Asking gates follow each other; timers and analysis run side by side. */
function sideMs(gates: readonly Gate[], { router }: Usual, end: 'least' | 'most'): number {
  // Both begin when weights are true for every request.
  const trueMs = router?.propagationMs ?? 0
  let side = 0
  for (const gate of gates) {
    if (gate.kind === 'healthy' || gate.kind === 'soak') side = Math.max(side, gate.forMs)
    if (gate.kind === 'bake') side = Math.max(side, gate.forMs + trueMs)
    if (gate.kind === 'analysis') side = Math.max(side, (end === 'least' ? gate.count * gate.everyMs : gate.deadlineMs) + trueMs)
  }
  return side
}

/** Each wave may take its whole deadline, soak and drain; what is done must be seen, and an autoscaler be heard. */
function latest(waypoint: Waypoint, usual: Usual, moves: number): number | 'a person' {
  const { provider, lookMs } = usual
  const waves = Math.max(1, wavesOf(waypoint, usual, moves))
  const heardMs = provider.autoscaled ? 2 * provider.autoscalerPeriodMs : 0
  let total = waves * (waypoint.progressDeadlineMs + besideBootMs(waypoint, usual) + heardMs)
  for (const gate of waypoint.gates) {
    if (gate.kind === 'approval') return 'a person'
    if (gate.kind === 'verify') total += gate.deadlineMs + gate.timeoutMs
  }
  return total + sideMs(waypoint.gates, usual, 'most') + waypoint.gates.length * lookMs
}

function wayBack(waypoint: Waypoint, back: readonly Waypoint[], usual: Usual, sizes: Sizes): { back: string; backMs: number } {
  const first = back[0] ?? waypoint
  const shift = (usual.router?.propagationMs ?? 0) + usual.lookMs
  const missing = waypoint.reversible === 'rebuild' ? usual.demand : usual.demand - sizes.stable
  // A wave that was seen healthy lets as many of the others go.
  const byCount = first.shape.routing.by === 'count' ? usual.lookMs + (usual.router?.propagationMs ?? 0) : 0
  const waves = wavesOf(first, usual, missing) * (usual.provider.usualBootMs + first.budget.soakMs + byCount)
  switch (waypoint.reversible) {
    case 'free':
      return {
        back: waypoint.shape.routing.by === 'weights' ? 'all traffic to stable at once' : 'the candidate leaves',
        backMs: shift,
      }
    case 'regrow':
      return { back: 'stable grows again, then the candidate leaves', backMs: waves + shift }
    case 'rebuild':
      return { back: 'a new generation of the recorded release', backMs: waves + shift }
    case 'closed':
      return { back: 'none', backMs: 0 }
  }
}
