import type { EventOf } from '../events.ts'
import { FRESH_GATE, waypointOf, type GateState, type RolloutState } from '../state.ts'
import { same, type Change } from './change.ts'

/** Reducers of the events about gates. */
export const GATES = {
  'gate.holding': (state: RolloutState, event: EventOf<'gate.holding'>) => changed(state, event.gate, { holdingAt: event.at }),
  'gate.opened': (state: RolloutState, event: EventOf<'gate.opened'>) => changed(state, event.gate, { opened: true }),
  'gate.broken': (state: RolloutState, event: EventOf<'gate.broken'>): Change => {
    const { holdingAt: _, ...rest } = state.gates[event.gate] ?? FRESH_GATE
    return { gates: { ...state.gates, [event.gate]: { ...rest, opened: false } } }
  },
  'gate.failed': (state: RolloutState, event: EventOf<'gate.failed'>) => changed(state, event.gate, { failedFor: event.why }),
  'approval.requested': (state: RolloutState, event: EventOf<'approval.requested'>) =>
    changed(state, event.gate, { requestedAt: event.at, expiresAt: event.expiresAt }),
  'gate.approved': answered,
  'gate.rejected': answered,
  'gate.promoted': promoted,
  'measurement.taken': measured,
  'analysis.judged': same,
}

function changed(state: RolloutState, id: string, change: Partial<GateState>): Change {
  return { gates: { ...state.gates, [id]: { ...(state.gates[id] ?? FRESH_GATE), ...change } } }
}

/** Who was first is told to whoever comes later, whatever has become of the gate. */
function answered(state: RolloutState, { type, gate, by }: EventOf<'gate.approved' | 'gate.rejected'>): Change {
  const answer = { yes: type === 'gate.approved', by }
  return { ...changed(state, gate, { answer }), answers: { ...state.answers, [gate]: answer } }
}

/** A person's `promote` opens every gate of the waypoint but health, and waives the bake. */
function promoted(state: RolloutState, event: EventOf<'gate.promoted'>): Change {
  const gates: Record<string, GateState> = { ...state.gates }
  for (const one of waypointOf(state)?.gates ?? [])
    if (one.kind !== 'healthy') gates[one.id] = { ...(gates[one.id] ?? FRESH_GATE), opened: true }
  return { gates, full: state.full || event.full, bakeOwedMs: 0 }
}

function measured(state: RolloutState, event: EventOf<'measurement.taken'>): Change {
  const before = state.gates[event.gate] ?? FRESH_GATE
  return changed(state, event.gate, {
    measured: event.number,
    lastMeasuredAt: event.at,
    lastVerdict: event.verdict,
    passed: before.passed + (event.verdict === 'pass' ? 1 : 0),
    failed: before.failed + (event.verdict === 'fail' ? 1 : 0),
  })
}
