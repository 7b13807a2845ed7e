import type { PublicPlan } from '../plan.ts'

/** How a rollout may end. Only `promoted` is success. */
export type Outcome = 'promoted' | 'rolled-back' | 'rollback-failed' | 'aborted' | 'failed' | 'superseded'

/** Who asked for something, and why. */
export interface Asked {
  readonly by: string
  readonly reason?: string
}

/** A process that drives rollouts. */
export interface Controller {
  /** Unique per process. */
  readonly id: string
  /** For people: host and pid. */
  readonly name: string
}

/** When a plan was journaled: nothing was touched yet, anyone may drive it now. */
export interface RolloutStarted extends Asked {
  readonly type: 'rollout.started'
  readonly plan: PublicPlan
}

/** When a process became the one that writes: every event after it carries its epoch. */
export interface ControllerTookOver {
  readonly type: 'controller.took-over'
  readonly epoch: number
  readonly controller: Controller
}

/** When somebody, or imago for lack of anything safe to do, stopped all but growth and holds. */
export interface RolloutPaused extends Asked {
  readonly type: 'rollout.paused'
}

/** When somebody let it go on; paused time is outside every timer. */
export interface RolloutResumed extends Asked {
  readonly type: 'rollout.resumed'
}

/** When a request had no meaning in the state it met. */
export interface RequestRefused extends Asked {
  readonly type: 'request.refused'
  readonly request: string
  readonly why: string
}

/** When requests up to a number have been dealt with. */
export interface RequestAnswered {
  readonly type: 'request.seen'
  /** Requests up to this number of the fleet's request stream have been dealt with. */
  readonly upTo: number
}

/** When the direction changed: back to the recorded release (or no further even there), a stop here, or all traffic to what is left. */
export interface AimChanged extends Partial<Asked> {
  readonly type: 'rollback.started' | 'rollback.failed' | 'rollout.aborting' | 'salvage.started'
  /** What was seen, or who asked. */
  readonly cause: string
}

/** When the rollout began to make for a waypoint. */
export interface WaypointEntered {
  readonly type: 'waypoint.entered'
  readonly waypoint: string
  readonly index: number
}

/** `ready`: when sizes, health and routing are as the shape says. `reached`: when every gate is open and the next waypoint is made for. */
export interface WaypointReady {
  readonly type: 'waypoint.ready' | 'waypoint.reached'
  readonly waypoint: string
}

/** When a waypoint that was ready is no more. */
export interface WaypointUnready {
  readonly type: 'waypoint.unready'
  readonly waypoint: string
  readonly why: string
}

/** When imago can do nothing safe by itself. */
export interface PersonNeeded {
  readonly type: 'person.needed'
  readonly why: string
  readonly next: string
}

/** When the fleet was seen where the outcome says, and nothing of the rollout is left on it. */
export interface RolloutFinished {
  readonly type: 'rollout.finished'
  readonly outcome: Outcome
  readonly reason: string
  /** The state the fleet is in, what was kept, and what to do next. */
  readonly next: string
  /** What could not be removed, by name. */
  readonly leftovers: readonly string[]
}

/** Facts about the rollout as a whole. */
export type RolloutFact =
  | RolloutStarted
  | ControllerTookOver
  | RolloutPaused
  | RolloutResumed
  | RequestRefused
  | RequestAnswered
  | AimChanged
  | WaypointEntered
  | WaypointReady
  | WaypointUnready
  | PersonNeeded
  | RolloutFinished
