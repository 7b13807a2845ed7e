import { floorOf, targets } from './capacity.ts'
import type { Estimate, Gate, Waypoint } from './plan.ts'
import { countOf, type Count } from './shape.ts'
import type { ProviderFacts, RouterFacts } from './snapshot.ts'

/** What estimates rest on: the demand of now and the times that the adapters know. */
export interface Usual {
  readonly demand: number
  readonly floor: Count
  readonly provider: ProviderFacts
  readonly router?: RouterFacts
}

/** What to expect of each waypoint: peak, least serving capacity, earliest and latest time, and the way back. */
export function estimates(waypoints: readonly Waypoint[], usual: Usual): readonly Estimate[] {
  let before = usual.demand
  return waypoints.map((waypoint) => {
    const sizes = targets(waypoint.shape, usual.demand)
    const total = (sizes.stable ?? 0) + (sizes.candidate ?? 0) + (sizes.baseline ?? 0)
    const { maxSurge, maxUnavailable } = waypoint.budget
    const most = maxSurge === 'unbounded' ? total : Math.max(total, usual.demand + countOf(maxSurge, usual.demand, 'up'))
    const peakInstances = Math.max(before, most)
    const moving = movingMs(waypoint, usual, total, before)
    before = total
    return {
      waypoint: waypoint.id,
      peakInstances,
      leastServing: floorOf(usual.floor, usual.demand, maxUnavailable),
      earliestMs: moving + gateMs(waypoint.gates),
      latestMs: latest(waypoint),
      ...wayBack(waypoint, usual),
    }
  })
}

/** Boots that must follow each other, and the drains between them. */
function movingMs(waypoint: Waypoint, usual: Usual, total: number, before: number): number {
  const drain =
    waypoint.shape.routing.by === 'count' || waypoint.shape.generations.stable?.state === 'retired'
      ? (usual.router?.propagationMs ?? 0)
      : 0
  if (waypoint.shape.routing.by === 'weights') return total > before ? usual.provider.usualBootMs : drain
  const { maxSurge, maxUnavailable, soakMs } = waypoint.budget
  const width =
    (maxSurge === 'unbounded' ? total : countOf(maxSurge, usual.demand, 'up')) + countOf(maxUnavailable, usual.demand, 'down')
  const moves = targets(waypoint.shape, usual.demand).candidate ?? 0
  return Math.ceil(moves / Math.max(1, width)) * (usual.provider.usualBootMs + soakMs + drain)
}

/** Asking gates follow each other; timers and analysis run side by side. */
function gateMs(gates: readonly Gate[]): number {
  let side = 0
  for (const gate of gates) {
    if (gate.kind === 'healthy') side = Math.max(side, gate.forMs)
    if (gate.kind === 'soak' || gate.kind === 'bake') side = Math.max(side, gate.forMs)
    if (gate.kind === 'analysis') side = Math.max(side, gate.count * gate.everyMs)
  }
  return side
}

function latest(waypoint: Waypoint): number | 'a person' {
  let total = waypoint.progressDeadlineMs
  let side = 0
  for (const gate of waypoint.gates) {
    if (gate.kind === 'approval') return 'a person'
    if (gate.kind === 'verify') total += gate.deadlineMs
    else side = Math.max(side, gate.kind === 'analysis' ? gate.deadlineMs : gateMs([gate]))
  }
  return total + side
}

function wayBack(waypoint: Waypoint, usual: Usual): { back: string; backMs: number } {
  const shift = usual.router?.propagationMs ?? 0
  switch (waypoint.reversible) {
    case 'free':
      return {
        back: waypoint.shape.routing.by === 'weights' ? 'all traffic to stable at once' : 'the candidate leaves',
        backMs: shift,
      }
    case 'regrow':
      return { back: 'stable grows again, then the candidate leaves', backMs: usual.provider.usualBootMs + shift }
    case 'rebuild':
      return { back: 'a new generation of the recorded release', backMs: usual.provider.usualBootMs + shift }
    case 'closed':
      return { back: 'none', backMs: 0 }
  }
}
