import type { Command } from './command.ts'
import type { CallFailureClass } from './errors.ts'
import type { Consequence, Plan, Verdict } from './plan.ts'
import type { Weights } from './ports.ts'
import type { Role } from './shape.ts'
import type { At, FleetId, GroupId, ReleaseId } from './snapshot.ts'

/** Version of the form in which events are stored. A reader refuses a newer one. */
export const EVENT_FORMAT = 1

/** How a rollout may end. Only `promoted` is success. */
export type Outcome = 'promoted' | 'rolled-back' | 'rollback-failed' | 'aborted' | 'failed' | 'superseded'

/** Where the rollout is going. */
export type Aim = 'forward' | 'back' | 'abort' | 'salvage'

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

/** A plan as it is journaled: without what nothing may show. */
export type PublicPlan = Omit<Plan, 'sealed'>

interface RolloutStarted extends Asked {
  readonly type: 'rollout.started'
  readonly plan: PublicPlan
}
interface ControllerTookOver {
  readonly type: 'controller.took-over'
  readonly epoch: number
  readonly controller: Controller
}
interface RolloutPaused extends Asked {
  readonly type: 'rollout.paused'
}
interface RolloutResumed extends Asked {
  readonly type: 'rollout.resumed'
}
interface RequestRefused extends Asked {
  readonly type: 'request.refused'
  readonly request: string
  readonly why: string
}
interface RequestAnswered {
  readonly type: 'request.seen'
  /** Requests up to this number of the fleet's request stream have been dealt with. */
  readonly upTo: number
}
interface AimChanged extends Partial<Asked> {
  readonly type: 'rollback.started' | 'rollback.failed' | 'rollout.aborting' | 'salvage.started'
  /** What was seen, or who asked. */
  readonly cause: string
}
interface WaypointEntered {
  readonly type: 'waypoint.entered'
  readonly waypoint: string
  readonly index: number
}
interface WaypointReady {
  readonly type: 'waypoint.ready' | 'waypoint.reached'
  readonly waypoint: string
}
interface WaypointUnready {
  readonly type: 'waypoint.unready'
  readonly waypoint: string
  readonly why: string
}
interface GateHolding {
  readonly type: 'gate.holding' | 'gate.opened'
  readonly waypoint: string
  readonly gate: string
}
interface GateBroken {
  readonly type: 'gate.broken'
  readonly waypoint: string
  readonly gate: string
  readonly why: string
}
interface GateFailed {
  readonly type: 'gate.failed'
  readonly waypoint: string
  readonly gate: string
  readonly why: string
  readonly then: Consequence
}
interface ApprovalRequested {
  readonly type: 'approval.requested'
  readonly waypoint: string
  readonly gate: string
  readonly expiresAt: At
  readonly then: Consequence
}
interface GateAnswered {
  readonly type: 'gate.approved' | 'gate.rejected'
  readonly gate: string
  readonly by: string
  readonly comment?: string
}
interface GatePromoted extends Asked {
  readonly type: 'gate.promoted'
  readonly waypoint: string
  /** Whether all later gates but health are skipped as well. */
  readonly full: boolean
}
interface MeasurementTaken {
  readonly type: 'measurement.taken'
  readonly waypoint: string
  readonly gate: string
  readonly number: number
  readonly verdict: Verdict
  /** One line for each number or check. */
  readonly found: readonly {
    readonly name: string
    readonly value?: number
    readonly verdict: Verdict
    readonly detail?: string
  }[]
}
interface AnalysisJudged {
  readonly type: 'analysis.judged'
  readonly waypoint: string
  readonly gate: string
  readonly verdict: Verdict
}
interface CommandIntended {
  readonly type: 'command.intended'
  readonly id: string
  readonly command: Command
  readonly waypoint: string
  /** From 1; a repeated command keeps its id. */
  readonly attempt: number
}
interface CommandAccepted {
  readonly type: 'command.accepted'
  readonly id: string
}
interface CommandFailed {
  readonly type: 'command.refused'
  readonly id: string
  readonly class: Exclude<CallFailureClass, 'unknown'>
  readonly message: string
}
interface CommandUnknown {
  readonly type: 'command.unknown'
  readonly id: string
  readonly message: string
}
interface CommandLanded {
  readonly type: 'command.landed' | 'command.lapsed'
  readonly id: string
}
interface GuardRefused {
  readonly type: 'guard.refused'
  readonly resource: string
  readonly command: Command
  readonly why: string
}
interface GenerationCreated {
  readonly type: 'generation.created'
  readonly role: Role
  readonly generation: string
  readonly group: GroupId
  readonly release: ReleaseId
}
interface GenerationEnded {
  readonly type: 'generation.retired' | 'generation.missing' | 'generation.found' | 'generation.lost'
  readonly generation: string
}
interface InstanceHealthy {
  readonly type: 'instance.healthy'
  readonly instance: string
  readonly generation: string
}
interface InstanceUnwell {
  readonly type: 'instance.unhealthy' | 'instance.lost'
  readonly instance: string
  readonly generation: string
  readonly why: string
}
interface InstanceLeaving {
  readonly type: 'instance.leaving'
  readonly instance: string
  readonly generation: string
}
interface InstanceDrained {
  readonly type: 'instance.drained'
  readonly instance: string
  readonly generation: string
  /** False when the deadline passed first. */
  readonly clean: boolean
}
interface LaunchFailed {
  readonly type: 'launch.failed'
  readonly generation: string
  readonly count: number
  readonly class: CallFailureClass
  readonly message: string
}
interface TrafficShifted {
  readonly type: 'traffic.shifted'
  /** Percent by generation. */
  readonly weights: Readonly<Record<string, number>>
  /** The router's own units, by binding. */
  readonly units: Weights
}
interface TrafficDisturbed {
  readonly type: 'traffic.disturbed'
  readonly units: Weights
}
interface DemandRaised {
  readonly type: 'demand.raised'
  readonly demand: number
  readonly evidence: string
}
interface DriftSeen {
  readonly type: 'drift.seen'
  readonly what: string
}
interface HoldsLost {
  readonly type: 'holds.lost'
  readonly group: GroupId
}
interface PersonNeeded {
  readonly type: 'person.needed'
  readonly why: string
  readonly next: string
}
interface RolloutFinished {
  readonly type: 'rollout.finished'
  readonly outcome: Outcome
  readonly reason: string
  /** The state the fleet is in, what was kept, and what to do next. */
  readonly next: string
  /** What could not be removed, by name. */
  readonly leftovers: readonly string[]
}

/** What happened, each with its own fields; see the names for when. */
export type Fact =
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
  | GateHolding
  | GateBroken
  | GateFailed
  | ApprovalRequested
  | GateAnswered
  | GatePromoted
  | MeasurementTaken
  | AnalysisJudged
  | CommandIntended
  | CommandAccepted
  | CommandFailed
  | CommandUnknown
  | CommandLanded
  | GuardRefused
  | GenerationCreated
  | GenerationEnded
  | InstanceHealthy
  | InstanceUnwell
  | InstanceLeaving
  | InstanceDrained
  | LaunchFailed
  | TrafficShifted
  | TrafficDisturbed
  | DemandRaised
  | DriftSeen
  | HoldsLost
  | PersonNeeded
  | RolloutFinished

/** What every stored event carries beside its own fields. */
export interface EventHead {
  /** Format version. */
  readonly v: number
  /** Place in the fleet's stream, from 1, without gaps. */
  readonly seq: number
  /** Moment of the store's clock. */
  readonly at: At
  readonly rolloutId: string
  readonly fleet: FleetId
  /** Epoch of the controller that wrote it. */
  readonly epoch: number
}

/** A stored event: what a listener receives is what was journaled. */
export type RolloutEvent = EventHead & Fact
/** The literal types of events. */
export type EventType = Fact['type']
/** The event of one type. */
export type EventOf<T extends EventType> = EventHead & Extract<Fact, { readonly type: T }>

/** What a person asks of a running rollout, from any process; copied into the journal when it is dealt with. */
export type Request = {
  readonly v: 1
  readonly seq: number
  readonly at: At
  readonly rolloutId: string
  readonly by: string
  readonly reason?: string
} & (
  | { readonly kind: 'pause' | 'resume' | 'abort' | 'rollback' }
  | { readonly kind: 'promote'; readonly full: boolean }
  | { readonly kind: 'approve' | 'reject'; readonly gate: string; readonly comment?: string }
)
