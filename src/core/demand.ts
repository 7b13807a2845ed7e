import type { EventOf, EventHead } from './events.ts'
import type { GenerationLook, Look } from './look.ts'
import type { RolloutState } from './state.ts'

/** A rise seen at this share or more is taken at its upper bound; a smaller one at its lower (a 5 % canary going from 1 to 2 says "> 20", not 40). */
const TRUSTED_SHARE = 0.25
/** One look never raises the demand by more: what is more will show again. */
const MOST_AT_ONCE = 1.5
/** Routing of this long ago still explains what an autoscaler asks for now. */
const EXTRA_MEMORY_MS = 10_000

/**
 * Demand is a high-water mark, moved only by evidence: a size above our own last write, divided by the share of traffic
 * that the generation carried, or the cloud's own recommendation. Our own surge is never read back as demand.
 */
export function raisedDemand(state: RolloutState, look: Look): Omit<EventOf<'demand.raised'>, keyof EventHead> | undefined {
  let demand = state.demand
  let evidence = ''
  for (const one of look.generations.values()) {
    if (one.group === undefined || !one.settled || one.state.condemned) continue
    const asked = Math.max(one.state.asked, 0)
    const found = Math.max(one.desired, one.group.recommended ?? 0)
    if (found <= asked || (one.state.role !== 'stable' && !one.state.exists)) continue
    const implied = Math.min(Math.ceil(state.demand * MOST_AT_ONCE), byShare(shareOf(state, look, one), found, state.demand))
    if (implied > demand) {
      demand = implied
      evidence = `${one.state.id} was set to ${found}, not by this rollout, which asked for ${asked}`
    }
  }
  return demand > state.demand ? { type: 'demand.raised', demand, evidence } : undefined
}

function byShare(share: number, found: number, demand: number): number {
  if (share === 0) return demand
  return share >= TRUSTED_SHARE ? Math.ceil(found / share - 1e-9) : Math.floor((found - 1) / share + 1e-9) + 1
}

/** By weights what the router sent it; by count its part of the healthy instances. */
function shareOf(state: RolloutState, look: Look, one: GenerationLook): number {
  if (state.plan.back[0]?.shape.routing.by === 'weights') return recentShare(state, look, one)
  let healthy = 0
  for (const other of look.generations.values()) healthy += other.healthy
  // While nobody serves, whoever grows does so for all.
  return healthy === 0 ? 1 : one.healthy / healthy
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
