import type { FleetFact } from './facts/fleet.ts'
import type { GateFact } from './facts/gates.ts'
import type { RolloutFact } from './facts/rollout.ts'
import type { At, FleetId } from './snapshot.ts'

export type { Asked, Controller, Outcome } from './facts/rollout.ts'

/** Version of the form in which events are stored. A reader refuses a newer one. */
export const EVENT_FORMAT = 1 as const

/** Where the rollout is going. */
export type Aim = 'forward' | 'back' | 'abort' | 'salvage'

/** What happened: a closed union of `noun.past-tense` facts, each with its own fields. */
export type Fact = RolloutFact | GateFact | FleetFact

/** What every stored event carries beside its own fields. */
export interface EventHead {
  /** Format version. */
  readonly v: typeof EVENT_FORMAT
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
/** The fact of one type; some facts share one form under several types. */
type FactOf<T extends EventType> = T extends EventType
  ? Fact extends infer F
    ? F extends Fact
      ? T extends F['type']
        ? F & { readonly type: T }
        : never
      : never
    : never
  : never
/** The event of one type. */
export type EventOf<T extends EventType> = EventHead & FactOf<T>

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
