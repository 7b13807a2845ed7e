import type { ImageAlias, ImageDetails, ImageRef } from './image.ts'
import type { Json, JsonObject } from './json.ts'
import type { Placement, Weights } from './ports.ts'
import type { Question } from './question.ts'
import type { Budget, Count, Role, Shape } from './shape.ts'
import type { At, BindingId, FleetId, GroupId, ProviderFacts, Release, RouterFacts } from './snapshot.ts'

/** What follows when a gate fails, expires or cannot be judged. */
export type Consequence = 'rollback' | 'pause' | 'abort' | 'proceed'

/** What a measurement said. None passes by default except `pass`. */
export type Verdict = 'pass' | 'fail' | 'inconclusive' | 'no-data' | 'error'

/** What follows each verdict that is not `pass`; `wait` measures again until the gate's deadline, and is a rollback then. */
export interface VerdictPolicy {
  readonly fail: Consequence
  readonly inconclusive: Consequence | 'wait'
  readonly noData: Consequence | 'wait'
  readonly error: Consequence | 'wait'
}

/** A number from a registered source, and what it must be. */
export interface MetricCheck {
  /** Name of the metric source, registered at `createImago`. */
  readonly source: string
  readonly query: string
  /** Which generation the number is about. */
  readonly of: Role
  readonly must: { readonly op: '<' | '<=' | '>' | '>='; readonly value: number }
  /** A number between `must.value` and this one is inconclusive. @default - fails at once */
  readonly inconclusiveUntil?: number
}

/** A condition that must hold before the fleet may leave a waypoint. Its timer runs from an observed condition, never from entering. */
export type Gate =
  /** Sizes, health and routing are as the shape says, for this long, at two looks at least, and at no look between not. */
  | { readonly id: string; readonly kind: 'healthy'; readonly forMs: number }
  /** Healthy for this long without a break. */
  | { readonly id: string; readonly kind: 'soak'; readonly forMs: number }
  /** The routing of the shape has been in force for this long, undisturbed. */
  | { readonly id: string; readonly kind: 'bake'; readonly forMs: number }
  /** A check of one's own, or a path of the candidate, must answer yes. */
  | {
      readonly id: string
      readonly kind: 'verify'
      readonly question: Question
      readonly of: Role
      readonly everyMs: number
      readonly timeoutMs: number
      readonly deadlineMs: number
      readonly then: Consequence
    }
  /** Somebody must say yes. */
  | { readonly id: string; readonly kind: 'approval'; readonly expiresMs: number; readonly then: Consequence }
  /** Numbers must be as they should, `count` times. */
  | {
      readonly id: string
      readonly kind: 'analysis'
      readonly metrics: readonly MetricCheck[]
      readonly everyMs: number
      readonly count: number
      /** This many failed measurements are still forgiven. */
      readonly failureLimit: number
      readonly windowMs: number
      readonly timeoutMs: number
      readonly deadlineMs: number
      readonly policy: VerdictPolicy
    }

/** A shape, the budget within which instances may be moved towards it, and the gates that must open before it may be left. */
export interface Waypoint {
  readonly id: string
  /** What it is, in a few words for the plan's table. */
  readonly title: string
  readonly shape: Shape
  readonly budget: Budget
  readonly gates: readonly Gate[]
  /** Time without progress, while not ready, after which it has failed. Each success renews it. */
  readonly progressDeadlineMs: number
  /** What follows then, and when the cloud refuses a change for good. There is nothing that one could proceed with. */
  readonly onDeadline: Exclude<Consequence, 'proceed'>
  /** This many deaths of healthy candidate instances are forgiven. */
  readonly failureLimit: number
  /** How one gets back from here: at once, by growing stable again, by building it anew, or not at all. */
  readonly reversible: 'free' | 'regrow' | 'rebuild' | 'closed'
  /** Who moves the instances. */
  readonly agency: 'engine' | 'native'
}

/** What an instance must do before it is removed, after it was taken out of the routes. */
export interface DrainPolicy {
  /** Asked until it says yes; a path is posted to. @default - nothing but the routes */
  readonly hook?: Question
  readonly everyMs: number
  readonly timeoutMs: number
  readonly deadlineMs: number
  /** What follows the deadline: remove it all the same, wait on, or stop for a person. */
  readonly onTimeout: 'remove' | 'wait' | 'pause'
}

/** How an instance is judged beside what its group and the router say. */
export interface HealthPolicy {
  readonly probes: readonly Probe[]
  /** Said in so many words by a fleet that has no source of health at all: running counts as healthy. */
  readonly none: boolean
}

/** One question to each instance at each look. */
export type Probe = Question & { readonly timeoutMs: number }

/** One generation as the plan names it. */
export interface PlannedGeneration {
  readonly generation: string
  readonly group: GroupId
  readonly release: Release
  /** The route it receives traffic by; by count all generations share one. */
  readonly binding?: BindingId
  /** Instances it had when the plan was made. @default - not there yet, or stable that serves alone, whose size is recorded */
  readonly size?: number
}

/** What the fleet was like before the first write: what rolling back aims at. */
export interface Recorded {
  readonly size: number
  readonly min: number
  readonly max: number
  readonly weights?: Weights
  /** The failure count of stable's group, so that old failures are not blamed on this rollout. */
  readonly failures: number
}

/** What the plan rests on; `start` looks again and refuses with the differences. Sizes are not part of it. */
export interface RestsOn {
  readonly groups: readonly { readonly id: GroupId; readonly release: string }[]
  readonly routes: readonly { readonly binding: BindingId; readonly weight: number; readonly groups: readonly GroupId[] }[]
  readonly provider: ProviderFacts
  readonly router?: RouterFacts
}

/** What the plan expects of one waypoint, shown to people. */
export interface Estimate {
  readonly waypoint: string
  readonly peakInstances: number
  readonly leastServing: number
  readonly earliestMs: number
  readonly latestMs: number | 'a person'
  /** How to get back from here, and about how long that takes. */
  readonly back: string
  readonly backMs: number
}

/** Format of plans; one of a newer format is refused. */
export const PLAN_FORMAT = 1

/** What a plan was asked for, so that it can be made anew. */
export interface AskedFor {
  /** As it was named: an alias is resolved anew. @default - the present image */
  readonly image?: string | ImageRef | ImageAlias
  /** @default - as they are */
  readonly launch?: JsonObject
  /** The release whose settings the new one starts from. @default - stable */
  readonly base?: Release
}

/** A plan as it is journaled: a list of waypoints, plain JSON, without what nothing may show. */
export interface PublicPlan {
  readonly v: typeof PLAN_FORMAT
  /** Made of all the rest: one that was changed has another. */
  readonly id: string
  readonly createdAt: At
  readonly expiresAt: At
  readonly fleet: {
    readonly name: string
    readonly id: FleetId
    readonly provider: string
    readonly store: string
    readonly placement: Placement
  }
  /** Immutable by type. */
  readonly image: ImageRef
  /** The mutable name it was resolved from, if one was given. */
  readonly alias?: ImageAlias
  readonly details: ImageDetails
  readonly strategy: { readonly name: string; readonly version: number; readonly options: Json }
  readonly stable: PlannedGeneration
  readonly candidate: PlannedGeneration
  /** Generations that earlier rollouts left behind; they are retired first. */
  readonly leftovers: readonly PlannedGeneration[]
  readonly waypoints: readonly Waypoint[]
  /** The way back, from anywhere. */
  readonly back: readonly Waypoint[]
  readonly recorded: Recorded
  /** The rollout whose claim is taken over: its journal is no more. @default - none */
  readonly takesOver?: string
  /** Share of the demand below which healthy serving capacity is never lowered. */
  readonly floor: Count
  readonly health: HealthPolicy
  readonly drain: DrainPolicy
  readonly restsOn: RestsOn
  readonly estimates: readonly Estimate[]
  /** What people should know: what a capability turned into, what is promised only in part. */
  readonly notes: readonly string[]
}

/** A list of waypoints: plain JSON, stable, diffable, never recomputed. */
export interface Plan extends PublicPlan {
  /** Launch settings may be secret: like `sealed` it is never printed or emitted. */
  readonly asked: AskedFor
  /** What launching needs and nothing may show. Travels with the plan's JSON, is never printed or emitted. */
  readonly sealed: Json
  /** The table that people read before anything is touched. */
  toString(): string
}
