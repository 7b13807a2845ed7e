import type { Command } from '../command.ts'
import type { CallFailureClass } from '../errors.ts'
import type { Weights } from '../ports.ts'
import type { Role } from '../shape.ts'
import type { GroupId, ReleaseId } from '../snapshot.ts'

/** Before a change is made: from here on its effect may appear. */
export interface CommandIntended {
  readonly type: 'command.intended'
  readonly id: string
  readonly command: Command
  readonly waypoint: string
  /** From 1; a repeated command keeps its id. */
  readonly attempt: number
}

/** When the cloud has accepted a change; the effect comes later. */
export interface CommandAccepted {
  readonly type: 'command.accepted'
  readonly id: string
}

/** When the cloud has definitely refused a change. */
export interface CommandFailed {
  readonly type: 'command.refused'
  readonly id: string
  readonly class: Exclude<CallFailureClass, 'unknown'>
  readonly message: string
}

/** When a change was not sent: this process stood still after the intent, and how late a call may land is reckoned from there. */
export interface CommandWithheld {
  readonly type: 'command.withheld'
  readonly id: string
}

/** When nobody knows whether a change was, or will be, carried out. */
export interface CommandUnknown {
  readonly type: 'command.unknown'
  readonly id: string
  readonly message: string
}

/** `landed`: when the effect was seen. `lapsed`: when it should have been seen long ago and was not. */
export interface CommandLanded {
  readonly type: 'command.landed' | 'command.lapsed'
  readonly id: string
  /**
   * Sizes by generation, where a removal left the group as large as was asked before it: a repair had moved to another
   * generation what was to be removed. @default - as they were asked
   */
  readonly sizes?: Readonly<Record<string, number>>
}

/** When the guard first refuses a change, and for each new reason. */
export interface GuardRefused {
  readonly type: 'guard.refused'
  readonly resource: string
  readonly command: Command
  readonly why: string
}

/** When a generation of this rollout was first seen to exist. */
export interface GenerationCreated {
  readonly type: 'generation.created'
  readonly role: Role
  readonly generation: string
  readonly group: GroupId
  readonly release: ReleaseId
}

/** `retired`: seen gone, route and all. `missing` and `found`: not shown by a look, and shown again. `lost`: gone for good, by somebody else. */
export interface GenerationEnded {
  readonly type: 'generation.retired' | 'generation.missing' | 'generation.found' | 'generation.lost'
  readonly generation: string
}

/** When an instance was seen healthy by every source, for the first time or again. */
export interface InstanceHealthy {
  readonly type: 'instance.healthy'
  readonly instance: string
  readonly generation: string
}

/** When an instance that was healthy is so no more, or is gone. */
export interface InstanceUnwell {
  readonly type: 'instance.unhealthy' | 'instance.lost'
  readonly instance: string
  readonly generation: string
  readonly why: string
}

/** When an instance was chosen to leave: it is not relied on any more. */
export interface InstanceLeaving {
  readonly type: 'instance.leaving'
  readonly instance: string
  readonly generation: string
}

/** When instances that are to go were seen to have left their route, or to be in none: their time to drain runs from here. */
export interface DrainStarted {
  readonly type: 'drain.started'
  readonly generation: string
  readonly instances: readonly string[]
}

/** When an instance has nothing under way any more, or its time was up. */
export interface InstanceDrained {
  readonly type: 'instance.drained'
  readonly instance: string
  readonly generation: string
  /** False when the deadline passed first. */
  readonly clean: boolean
}

/** When instances were asked whether they have drained, and have not. */
export interface DrainAsked {
  readonly type: 'drain.asked'
  readonly generation: string
  readonly instances: readonly string[]
  /** Why one of them could not be asked. */
  readonly why?: string
}

/** When a generation could not be removed: it is left behind, and the outcome lists it. */
export interface GenerationKept {
  readonly type: 'generation.kept'
  readonly generation: string
  readonly why: string
}

/** When the group counted another failed launch or death, with the cloud's own reason. */
export interface LaunchFailed {
  readonly type: 'launch.failed'
  readonly generation: string
  readonly count: number
  readonly class: CallFailureClass
  readonly message: string
}

/** When new weights, set by this rollout, were seen in force. */
export interface TrafficShifted {
  readonly type: 'traffic.shifted'
  /** Percent by generation. */
  readonly weights: Readonly<Record<string, number>>
  /** The router's own units, by binding. */
  readonly units: Weights
}

/** When weights were seen that this rollout did not set. */
export interface TrafficDisturbed {
  readonly type: 'traffic.disturbed'
  readonly units: Weights
}

/** When something other than this rollout asked for more instances. */
export interface DemandRaised {
  readonly type: 'demand.raised'
  readonly demand: number
  readonly evidence: string
  /** Sizes by generation whose growth is explained by this demand: from here on only what comes on top says more. */
  readonly known: Readonly<Record<string, number>>
}

/** When a group was seen smaller than this rollout asked for, and not by this rollout. */
export interface SizeLowered {
  readonly type: 'size.lowered'
  readonly group: GroupId
  /** Sizes by generation, as they were seen: what comes on top of them says something of the demand. */
  readonly sizes: Readonly<Record<string, number>>
}

/**
 * When sizes are seen that nobody asks for: instances of one generation in place of another's, because the cloud's updater replaces them or
 * the group heals with what it launches now; those that an updater launched beside; a group made in part; a size of ours that landed late.
 */
export interface SizesMoved {
  readonly type: 'sizes.moved'
  readonly group: GroupId
  /** Sizes by generation, as they were seen; those that are not named are as they were asked for. */
  readonly sizes: Readonly<Record<string, number>>
}

/** When the cloud's own updater was seen at work, stopping, or to have ended, in the cloud's words. */
export interface UpdateSeen {
  readonly type: 'update.seen'
  readonly group: GroupId
  /** The cloud's name of the operation. */
  readonly id: string
  readonly state: 'running' | 'stopping' | 'ended'
  readonly says: string
}

/** When holds of this rollout ran out, for nobody drove it, or were taken away; they are taken again before the next change. */
export interface HoldsLost {
  readonly type: 'holds.lost'
  readonly group: GroupId
}

/** Facts about the fleet, and about what was done to it. */
export type FleetFact =
  | CommandIntended
  | CommandAccepted
  | CommandFailed
  | CommandWithheld
  | CommandUnknown
  | CommandLanded
  | GuardRefused
  | GenerationCreated
  | GenerationEnded
  | GenerationKept
  | InstanceHealthy
  | InstanceUnwell
  | InstanceLeaving
  | DrainStarted
  | InstanceDrained
  | DrainAsked
  | LaunchFailed
  | TrafficShifted
  | TrafficDisturbed
  | DemandRaised
  | SizeLowered
  | SizesMoved
  | UpdateSeen
  | HoldsLost
