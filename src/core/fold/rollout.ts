import type { EventOf } from '../events.ts'
import {
  factsOf,
  FRESH_GATE,
  waypointOf,
  type GateState,
  type InstanceFact,
  type InstanceFacts,
  type RolloutState,
} from '../state.ts'
import { same, type Change } from './change.ts'
import { afterAim } from './generations.ts'
import { copyOf } from './instances.ts'
import { unreadyMs } from '../waits.ts'

/** Reducers of the events about the rollout as a whole. */
export const ROLLOUT = {
  'controller.took-over': (_: RolloutState, { epoch, controller }: EventOf<'controller.took-over'>): Change => ({
    epoch,
    controller,
  }),
  'rollout.paused': (state: RolloutState, { by, at, reason }: EventOf<'rollout.paused'>): Change => ({
    unready: clockStopped(state, at),
    paused: { by, at, ...(reason === undefined ? {} : { reason }) },
  }),
  'rollout.resumed': (state: RolloutState, event: EventOf<'rollout.resumed'>): Change => resumed(state, event.at),
  'request.seen': (_: RolloutState, event: EventOf<'request.seen'>): Change => ({ requestsSeen: event.upTo }),
  'request.refused': same,
  'rollback.started': afterAim,
  'rollback.failed': afterAim,
  'rollout.aborting': afterAim,
  'salvage.started': afterAim,
  'waypoint.entered': (state: RolloutState, event: EventOf<'waypoint.entered'>): Change => ({
    phase: state.phase === 'planned' ? 'running' : state.phase,
    index: event.index,
    enteredAt: event.at,
    entered: true,
    ready: false,
    unready: clockFrom(state, event.at),
    gates: {},
    deaths: 0,
  }),
  'waypoint.ready': (state: RolloutState, event: EventOf<'waypoint.ready'>): Change => ({
    unready: clockStopped(state, event.at),
    ready: true,
  }),
  'waypoint.unready': (state: RolloutState, event: EventOf<'waypoint.unready'>): Change => ({
    ready: false,
    unready: { ...clockFrom(state, event.at), spentMs: state.unready.spentMs },
  }),
  'waypoint.reached': afterReached,
  'person.needed': same,
  'rollout.finished': (_: RolloutState, event: EventOf<'rollout.finished'>): Change => ({
    phase: 'done',
    outcome: event.outcome,
    cause: event.reason,
  }),
}

/** Unready time is summed, and it stops while the waypoint is ready or a person has paused. */
function clockStopped(state: RolloutState, at: number): RolloutState['unready'] {
  return { spentMs: unreadyMs(state, at) }
}

/** A clock for time without progress; it stands still while a person has paused. */
function clockFrom(state: RolloutState, at: number): RolloutState['unready'] {
  return state.paused === undefined ? { sinceAt: at, spentMs: 0 } : { spentMs: 0 }
}

/** Once the last waypoint is behind it, what is left to do has a deadline too. */
function afterReached(state: RolloutState, event: EventOf<'waypoint.reached'>): Change {
  const reached = { bakeOwedMs: bakeProven(state), index: state.index + 1, entered: false }
  const isLast = waypointOf({ ...state, ...reached }) === undefined
  return isLast ? { ...reached, unready: clockFrom(state, event.at) } : reached
}

/** Paused time is outside every timer: they all move on by it. What made it pause begins anew: who resumed has seen it. */
function resumed(state: RolloutState, at: number): Change {
  const awayMs = state.paused === undefined ? 0 : at - state.paused.at
  const gates: Record<string, GateState> = {}
  for (const [id, one] of Object.entries(state.gates)) {
    if (one.failedFor !== undefined) continue
    const holdingAt = one.holdingAt === undefined ? {} : { holdingAt: one.holdingAt + awayMs }
    const expiresAt = one.expiresAt === undefined ? {} : { expiresAt: one.expiresAt + awayMs }
    gates[id] = { ...one, ...holdingAt, ...expiresAt }
  }
  const unready = { sinceAt: at, spentMs: 0 }
  return { ...drainingAnew(state, at), paused: undefined, gates, setbacks: {}, ready: false, unready }
}

function drainingAnew(state: RolloutState, at: number): Change {
  const instances: Record<string, InstanceFacts> = {}
  for (const generation in state.instances) {
    const facts = copyOf(factsOf(state, generation))
    for (const id in facts) {
      const { askedAt: _, ...one } = facts[id] as InstanceFact
      if (one.drainingAt !== undefined && one.drainedAt === undefined) facts[id] = { ...one, drainingAt: at }
    }
    instances[generation] = facts
  }
  return { instances }
}

/** The bake that this waypoint has proven; a person who promoted has waived it. */
function bakeProven(state: RolloutState): number {
  if (state.full) return 0
  let owed = 0
  for (const one of waypointOf(state)?.gates ?? [])
    if (one.kind === 'bake' && (state.gates[one.id] ?? FRESH_GATE).holdingAt !== undefined) owed = Math.max(owed, one.forMs)
  return owed
}
