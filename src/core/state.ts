import type { Command } from './command.ts'
import type { CallFailureClass } from './errors.ts'
import type { Aim, Controller, Outcome } from './events.ts'
import { abortWaypoint, salvageWaypoint } from './aims.ts'
import type { Gate, PublicPlan, Verdict, Waypoint } from './plan.ts'
import type { Weights } from './ports.ts'
import type { Role } from './shape.ts'
import type { At, BindingId, FleetId, GroupId, HoldView, ReleaseId, UpdateView } from './snapshot.ts'

/** What the journal says of one generation. */
export interface GenerationState {
  readonly id: string
  /** `leftover`: its role went to another; it is retired as soon as nothing rests on it. */
  readonly role: Role | 'leftover'
  readonly group: GroupId
  readonly release: ReleaseId
  readonly binding?: BindingId
  /** The generation whose slot it gets, once that one is gone. @default - its group is, or will be, its own */
  readonly follows?: string
  /** Seen to exist. */
  readonly exists: boolean
  /** A journaled intent to remove its route or itself: no traffic ever again (law 5a). */
  readonly condemned: boolean
  readonly gone: boolean
  /** Gone, and not by this rollout. */
  readonly lost: boolean
  readonly missingSinceAt?: At
  /** Why it could not be removed: it is left behind, by name. */
  readonly keptFor?: string
  /** The group's failure count when this rollout first saw it. */
  readonly failuresSeen: number
  /** The last failed launch or death since, in the cloud's own words. */
  readonly lastFailure?: string
  /** Size that was last intended for it. */
  readonly asked: number
}

/** An intent whose effect is not yet certain. */
export interface Flight {
  readonly id: string
  readonly command: Command
  readonly resource: string
  readonly waypoint: string
  readonly attempt: number
  /** When the first attempt towards the same waypoint was intended. */
  readonly firstAt: At
  /** When the latest attempt was intended that may land. */
  readonly intendedAt: At
  /** When the latest attempt before it was intended whose answer nobody heard. @default - there is none */
  readonly lostAt?: At
  /** `pending`: no answer was journaled, which after a crash is the same as `unknown`. */
  readonly outcome: 'pending' | 'accepted' | 'unknown'
  /** Whether any attempt's outcome stayed unknown. */
  readonly doubtful: boolean
  readonly answeredAt?: At
  readonly landed: boolean
  /** Sizes that were asked for before, by generation: what holds again if it never lands. */
  readonly askedBefore: Readonly<Record<string, number>>
}

/** Definite refusals of changes to one resource. */
export interface Setback {
  readonly attempts: number
  readonly untilAt: At
  readonly class: Exclude<CallFailureClass, 'unknown'>
  readonly message: string
}

/** What the journal says of the instances of one generation, by id. */
export type InstanceFacts = Readonly<Record<string, InstanceFact>>

/** What the journal says of one instance. */
export interface InstanceFact {
  readonly healthyAt?: At
  /** Named by a journaled intent to remove it: it carries no credit ever again. */
  readonly leavingAt?: At
  /** Seen to have left its route: from then on it drains. */
  readonly drainingAt?: At
  /** When it last said that it has not drained yet. */
  readonly askedAt?: At
  readonly drainedAt?: At
  /** Seen gone. Remembered because an old read may show it once more. */
  readonly goneAt?: At
}

/** How far a gate has come. */
export interface GateState {
  readonly holdingAt?: At
  readonly opened: boolean
  readonly measured: number
  readonly passed: number
  readonly failed: number
  readonly lastMeasuredAt?: At
  readonly lastVerdict?: Verdict
  readonly requestedAt?: At
  readonly expiresAt?: At
  readonly answer?: { readonly yes: boolean; readonly by: string }
  readonly failedFor?: string
}

/** The fold of a rollout's events. */
export interface RolloutState {
  readonly rolloutId: string
  readonly fleet: FleetId
  readonly plan: PublicPlan
  readonly seq: number
  readonly at: At
  readonly startedAt: At
  readonly epoch: number
  readonly controller?: Controller
  readonly phase: 'planned' | 'running' | 'rolling-back' | 'done'
  readonly outcome?: Outcome
  readonly aim: Aim
  readonly cause: string
  readonly index: number
  readonly enteredAt: At
  /** Whether the journal says that this waypoint is made for. */
  readonly entered: boolean
  /** The way back could not be gone to its end; the fleet is left as it is. */
  readonly stuck: boolean
  readonly ready: boolean
  /** Unready time spent without progress, and since when it is counting. */
  readonly unready: { readonly sinceAt?: At; readonly spentMs: number }
  /** How near the fleet has come since that clock was set, by what is measured: more is nearer. */
  readonly nearest: Readonly<Record<string, number>>
  readonly gates: Readonly<Record<string, GateState>>
  /** Who answered which approval, in any waypoint. */
  readonly answers: Readonly<Record<string, { readonly yes: boolean; readonly by: string }>>
  readonly full: boolean
  readonly paused: { readonly by: string; readonly at: At; readonly reason?: string } | undefined
  readonly demand: number
  readonly generations: Readonly<Record<string, GenerationState>>
  readonly roles: Readonly<Partial<Record<Role, string>>>
  readonly flights: readonly Flight[]
  readonly setbacks: Readonly<Record<string, Setback>>
  /** Of each generation, by the id of the instance. */
  readonly instances: Readonly<Record<string, InstanceFacts>>
  /** Weights in force and since when; the newest last. */
  readonly routing: readonly { readonly units: Weights; readonly at: At }[]
  /** Failed launches and deaths of the candidate since the waypoint was entered, shortages of the cloud apart. */
  readonly deaths: number
  readonly commands: number
  readonly requestsSeen: number
  /** How long the routing had to stand undisturbed in the waypoint before: a disturbed bake is owed again before anything is destroyed. */
  readonly bakeOwedMs: number
  /** Whether this rollout's claim was ever on the fleet. */
  readonly claimed: boolean
  /** Marks of this rollout that were seen on the cloud. */
  readonly held: readonly { readonly group: GroupId; readonly hold: HoldView['kind'] }[]
  /** Why the guard last refused a change, by resource: said once, not at every look. */
  readonly refusals: Readonly<Record<string, string>>
  /** What was last seen of the cloud's own updater, by group. */
  readonly updates: Readonly<Record<GroupId, { readonly id: string; readonly state: UpdateView['state'] }>>
}

/** Of how near the fleet has come nothing is known yet. */
export const UNMEASURED: RolloutState['nearest'] = Object.freeze({})

/** A gate that has not begun. */
export const FRESH_GATE: GateState = Object.freeze({ opened: false, measured: 0, passed: 0, failed: 0 })

/** The waypoints of the present aim. */
export function waypointsOf(state: Pick<RolloutState, 'aim' | 'plan'>): readonly Waypoint[] {
  switch (state.aim) {
    case 'forward':
      return state.plan.waypoints
    case 'back':
      return state.plan.back
    case 'abort':
      return [abortWaypoint(state.plan)]
    case 'salvage':
      return [salvageWaypoint(state.plan)]
  }
}

/** The waypoint the rollout makes for; `undefined` once all are behind it. */
export function waypointOf(state: RolloutState): Waypoint | undefined {
  return state.stuck ? undefined : waypointsOf(state)[state.index]
}

/** Who takes over: the candidate, or stable on the way back. */
export function gaining({ aim }: RolloutState): Role {
  return aim === 'forward' || aim === 'salvage' ? 'candidate' : 'stable'
}

/** A gate's progress. */
export function gateState(state: RolloutState, gate: Gate): GateState {
  return state.gates[gate.id] ?? FRESH_GATE
}

const NO_FACTS: InstanceFacts = Object.freeze({})

/** What the journal says of a generation's instances. */
export function factsOf(state: RolloutState, generation: string): InstanceFacts {
  return state.instances[generation] ?? NO_FACTS
}

/** The generation that plays a role. */
export function generationIn(state: RolloutState, role: Role): GenerationState | undefined {
  const id = state.roles[role]
  return id === undefined ? undefined : state.generations[id]
}

/** Whether a generation's slot still belongs to the one before it: whatever is seen there is not its own. */
export function awaitsSlot({ generations }: RolloutState, { follows }: GenerationState): boolean {
  return follows !== undefined && generations[follows]?.gone === false
}

/** Whether others receive traffic by the same route: by count all generations do, and it outlives each of them. */
export function sharesRoute(state: RolloutState, one: GenerationState): boolean {
  for (const id in state.generations) {
    const other = state.generations[id]
    if (other !== undefined && other.id !== one.id && !other.gone && other.binding === one.binding) return true
  }
  return false
}
