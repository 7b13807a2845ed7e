import type { EventOf, RolloutEvent } from './events.ts'
import { afterAnswer, afterIntent, afterRefusal, pruned } from './fold-flights.ts'
import { afterAim, afterStart, changedGeneration, seenHealthy } from './fold-generations.ts'
import { FRESH_GATE, waypointOf, type GateState, type RolloutState } from './state.ts'

/**
 * The state after one more event. Pure: the same events give the same state, whoever folds them.
 *
 * @param state `undefined` before `rollout.started`.
 */
export function fold(state: RolloutState | undefined, event: RolloutEvent): RolloutState {
  if (event.type === 'rollout.started') return afterStart(event)
  if (state === undefined)
    throw new TypeError(`The journal of ${event.rolloutId} does not begin with rollout.started but with ${event.type}.`)
  const next = step(state, event)
  return { ...next, flights: pruned(next, event.at), seq: event.seq, at: event.at }
}

/** The state after all these events. */
export function foldAll(state: RolloutState | undefined, events: readonly RolloutEvent[]): RolloutState | undefined {
  let result = state
  for (const event of events) result = fold(result, event)
  return result
}

function step(state: RolloutState, event: Exclude<RolloutEvent, EventOf<'rollout.started'>>): RolloutState {
  switch (event.type) {
    case 'controller.took-over':
      return { ...state, epoch: event.epoch, controller: event.controller }
    case 'rollout.paused': {
      const { by, reason } = event
      return { ...stopped(state, event.at), paused: { by, at: event.at, ...(reason === undefined ? {} : { reason }) } }
    }
    case 'rollout.resumed':
      return resumed(state, event.at)
    case 'request.seen':
      return { ...state, requestsSeen: event.upTo }
    case 'rollback.started':
    case 'rollback.failed':
    case 'rollout.aborting':
    case 'salvage.started':
      return afterAim(state, event)
    case 'waypoint.entered':
      return {
        ...state,
        phase: state.phase === 'planned' ? 'running' : state.phase,
        index: event.index,
        enteredAt: event.at,
        ready: false,
        unready: { sinceAt: event.at, spentMs: 0 },
        gates: {},
        deaths: 0,
      }
    case 'waypoint.ready':
      return { ...stopped(state, event.at), ready: true }
    case 'waypoint.unready':
      return { ...state, ready: false, unready: { sinceAt: event.at, spentMs: state.unready.spentMs } }
    case 'waypoint.reached':
      return { ...state, bakeOwedMs: bakeProven(state), index: state.index + 1 }
    case 'gate.holding':
      return gate(state, event.gate, { holdingAt: event.at })
    case 'gate.broken': {
      const { holdingAt: _, ...rest } = state.gates[event.gate] ?? FRESH_GATE
      return { ...state, gates: { ...state.gates, [event.gate]: { ...rest, opened: false } } }
    }
    case 'gate.opened':
      return gate(state, event.gate, { opened: true })
    case 'gate.failed':
      return gate(state, event.gate, { failedFor: event.why })
    case 'approval.requested':
      return gate(state, event.gate, { requestedAt: event.at, expiresAt: event.expiresAt })
    case 'gate.approved':
    case 'gate.rejected':
      return gate(state, event.gate, { answer: { yes: event.type === 'gate.approved', by: event.by } })
    case 'gate.promoted':
      return { ...state, full: state.full || event.full, bakeOwedMs: 0, gates: promoted(state) }
    case 'measurement.taken': {
      const before = state.gates[event.gate] ?? FRESH_GATE
      return gate(state, event.gate, {
        measured: event.number,
        lastMeasuredAt: event.at,
        lastVerdict: event.verdict,
        passed: before.passed + (event.verdict === 'pass' ? 1 : 0),
        failed: before.failed + (event.verdict === 'fail' ? 1 : 0),
      })
    }
    case 'command.intended':
      return afterIntent(state, event)
    case 'command.accepted':
    case 'command.unknown':
    case 'command.landed':
    case 'command.lapsed':
      return progressed(afterAnswer(state, event), event)
    case 'command.refused':
      return afterRefusal(state, event)
    case 'generation.created':
    case 'generation.retired':
    case 'generation.missing':
    case 'generation.found':
    case 'generation.lost':
    case 'launch.failed':
      return progressed(changedGeneration(state, event), event)
    case 'instance.healthy':
      return progressed(seenHealthy(state, event), event)
    case 'instance.unhealthy':
    case 'instance.lost': {
      const { healthyAt: _, ...fact } = state.instances[event.instance] ?? { generation: event.generation }
      const gone = event.type === 'instance.lost' ? { goneAt: event.at } : {}
      return { ...state, instances: { ...state.instances, [event.instance]: { ...fact, ...gone } } }
    }
    case 'instance.leaving': {
      const before = state.instances[event.instance]
      return {
        ...state,
        instances: { ...state.instances, [event.instance]: { ...before, generation: event.generation, leavingAt: event.at } },
      }
    }
    case 'instance.drained': {
      const fact = state.instances[event.instance]
      if (fact === undefined) return state
      return progressed(
        { ...state, instances: { ...state.instances, [event.instance]: { ...fact, drainedAt: event.at } } },
        event,
      )
    }
    case 'traffic.shifted':
      return progressed({ ...state, routing: routed(state, event) }, event)
    case 'traffic.disturbed':
      return { ...state, routing: routed(state, event) }
    case 'demand.raised':
      return { ...state, demand: event.demand }
    case 'drift.seen':
      return { ...state, drift: [...state.drift, event.what] }
    case 'holds.lost':
      return { ...state, holdsLost: true }
    case 'rollout.finished':
      return { ...state, phase: 'done', outcome: event.outcome, cause: event.reason }
    case 'guard.refused':
      return { ...state, refusals: { ...state.refusals, [event.resource]: event.why } }
    case 'request.refused':
    case 'analysis.judged':
    case 'person.needed':
      return state
  }
}

/** Every success renews the progress deadline. */
function progressed(state: RolloutState, event: RolloutEvent): RolloutState {
  if (event.type === 'command.accepted' || event.type === 'command.unknown' || event.type === 'launch.failed') return state
  if (event.type === 'command.lapsed' || event.type === 'generation.missing' || event.type === 'generation.lost') return state
  return { ...state, unready: state.unready.sinceAt === undefined ? { spentMs: 0 } : { sinceAt: event.at, spentMs: 0 } }
}

function stopped(state: RolloutState, at: number): RolloutState {
  const { sinceAt, spentMs } = state.unready
  return { ...state, unready: { spentMs: spentMs + (sinceAt === undefined ? 0 : at - sinceAt) } }
}

/** Paused time is outside every timer: they all move on by it. */
function resumed(state: RolloutState, at: number): RolloutState {
  const { paused, ...rest } = state
  const awayMs = paused === undefined ? 0 : at - paused.at
  const gates: Record<string, GateState> = {}
  for (const [id, one] of Object.entries(state.gates)) {
    const holdingAt = one.holdingAt === undefined ? {} : { holdingAt: one.holdingAt + awayMs }
    // What made the rollout pause begins anew: the person who resumed has seen it.
    if (one.failedFor !== undefined) continue
    const expiresAt = one.expiresAt === undefined ? {} : { expiresAt: one.expiresAt + awayMs }
    gates[id] = { ...one, ...holdingAt, ...expiresAt }
  }
  return { ...rest, gates, ready: false, unready: { sinceAt: at, spentMs: state.unready.spentMs } }
}

function gate(state: RolloutState, id: string, change: Partial<GateState>): RolloutState {
  return { ...state, gates: { ...state.gates, [id]: { ...(state.gates[id] ?? FRESH_GATE), ...change } } }
}

/** A person's `promote` opens every gate of the waypoint but health. */
function promoted(state: RolloutState): RolloutState['gates'] {
  const gates: Record<string, GateState> = { ...state.gates }
  for (const one of waypointOf(state)?.gates ?? [])
    if (one.kind !== 'healthy') gates[one.id] = { ...(gates[one.id] ?? FRESH_GATE), opened: true }
  return gates
}

/** The bake that this waypoint has proven; a person who promoted has waived it. */
function bakeProven(state: RolloutState): number {
  if (state.full) return 0
  let owed = 0
  for (const one of waypointOf(state)?.gates ?? [])
    if (one.kind === 'bake' && state.gates[one.id]?.holdingAt !== undefined) owed = Math.max(owed, one.forMs)
  return owed
}

const ROUTING_MEMORY_MS = 300_000

function routed(state: RolloutState, event: EventOf<'traffic.shifted' | 'traffic.disturbed'>): RolloutState['routing'] {
  const recent = state.routing.filter((one, index) => index === state.routing.length - 1 || event.at - one.at < ROUTING_MEMORY_MS)
  return [...recent, { units: event.units, at: event.at }]
}
