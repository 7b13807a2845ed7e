import type { RolloutEvent } from '../../../core/events.ts'
import type { Plan } from '../../../core/plan.ts'
import type { TrueFleet, TrueGroup, TrueInstance, Truth } from '../../cloud/index.ts'
import type { World } from '../../world/index.ts'

/** What checkers see: the world and its cloud, the journal as it is stored, never the engine. */
export interface Scene {
  readonly world: World
  readonly truth: Truth
  /** Id of the fleet that is rolled. */
  readonly fleetId: string
  /** Groups, of this fleet and others, that nobody may touch. */
  readonly bystanders: readonly string[]
  readonly plan: Plan
  /** Every stored event, in order; grows. */
  readonly journal: readonly RolloutEvent[]
  /** The world's moment at which each event was stored; grows. */
  readonly storedAt: readonly number[]
  /** Every mutating call that reached the cloud, in order; grows. */
  readonly calls: readonly CallSeen[]
  /** What the adapter has written now and no look shows. */
  traces(): readonly AdapterTrace[]
  /** How much the store's clock has jumped so far. */
  clockJumpedMs(): number
}

/** Something that an adapter writes beside groups, routes and holds, and that a rollout which is over must not leave. */
export interface AdapterTrace {
  /** What was made and not taken away again, or what was held and not let go. */
  readonly kind: 'made' | 'held'
  /** Name of the group, of the route or of whatever else it is on. */
  readonly on: string
  readonly what: string
}

/** A mutating call as it reached the cloud. */
export interface CallSeen {
  readonly at: number
  readonly name: string
  readonly token: string
  readonly given: readonly unknown[]
  /** Whether the process that made it had read a journal that nobody can read. */
  readonly blind: boolean
  /** When the older part of the look was read that it rests on; a part that fails is read again. */
  readonly lookedAt: number
}

/** Something that must never be. */
export interface Violation {
  readonly seed: number
  readonly invariant: string
  /** Moment of the world. */
  readonly at: number
  readonly what: string
}

/** What a checker says: a violation, or a breach that a named fault of the world explains. */
export interface Findings {
  /** The situation that the invariant is about has come up. */
  met(invariant: string): void
  broken(invariant: string, what: string): void
  /** With what was taken, and by whom. */
  excused(invariant: string, what: string): void
}

/** Watches one invariant, or a few that belong together. */
export interface Checker {
  /** After every simulated instant in which something changed. */
  onInstant?(): void
  /** When the run is over. */
  atEnd?(): void
}

/** A way to make a checker of a scene. */
export type CheckerOf = (scene: Scene, findings: Findings) => Checker

/** The rolled fleet as it is. */
export function fleetOf(scene: Scene): TrueFleet | undefined {
  return scene.truth.fleets.get(scene.fleetId)
}

/** Whether an instance can answer requests now. */
export function isWell(instance: TrueInstance): boolean {
  return instance.machine.state === 'healthy' && !instance.terminating
}

/** Instances of a group that answer and are sent requests by its route. */
export function servingIn(group: TrueGroup): number {
  let count = 0
  for (const instance of group.instances) if (isWell(instance) && instance.serving) count++
  return count
}

/** How long ago weights may have been written that come true now. */
export function writtenBeforeMs({ plan }: Scene): number {
  return plan.restsOn.router?.propagationMs ?? 0
}

/** Whether the latest change of the truth is due to a call of ours. */
export function byCall(scene: Scene): boolean {
  return scene.world.trace.entries.at(-1)?.cause.kind === 'call'
}
