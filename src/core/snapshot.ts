import type { CallFailureClass } from './errors.ts'
import type { ImageRef } from './image.ts'

/** The canonical id of a fleet, made by its provider from the cloud's own identifiers. */
export type FleetId = string
/** The provider's name of an instance group. */
export type GroupId = string
/** Digest of an image and the launch settings that go with it. */
export type ReleaseId = string
/** The router's name of the place where a generation's instances receive traffic: target group, backend, pool, endpoint. */
export type BindingId = string
/** A moment of the store's clock, epoch milliseconds. */
export type At = number

/** What a provider's or a router's native states are mapped to. `unknown` is never healthy. */
export type InstanceState = 'starting' | 'healthy' | 'unhealthy' | 'draining' | 'terminating' | 'unknown'

/** Whether something can be done; a no always says why, and what would do instead where something would. */
export type Can = { readonly can: true } | { readonly can: false; readonly why: string; readonly instead?: string }

/** What something may be called that is made. */
export interface NameRule {
  /** Matches whole names. */
  readonly pattern: RegExp
  /** The same in words, with whose rule it is: `1 to 255 signs for an Auto Scaling group`. */
  readonly allowed: string
}

/** An image and the launch settings that go with it. The settings themselves stay with the provider. */
export interface Release {
  readonly id: ReleaseId
  readonly image: ImageRef
  /** Digest of the launch settings. */
  readonly launch: string
  /** Where the provider keeps the settings: template id and version. @default - not kept anywhere yet */
  readonly template?: string
}

/** One instance as its group sees it. */
export interface InstanceView {
  readonly id: string
  readonly release: ReleaseId
  readonly state: InstanceState
  /** Why it is in this state, in the cloud's words. */
  readonly reason?: string
  /** When it was launched, by the provider's clock. */
  readonly launchedAt: At
  readonly zone?: string
  /** Where it can be reached, `http://127.0.0.1:4001`. */
  readonly address?: string
}

/** A temporary change that imago made, marked on the provider's resource with owner, previous value and expiry. */
export interface HoldView {
  /** `claim` says who rolls this fleet; `scale-in` keeps automation from shrinking the group. */
  readonly kind: 'claim' | 'scale-in'
  /** The rollout that owns it. */
  readonly owner: string
  readonly epoch: number
  readonly expiresAt: At
  /** Which store the owner's journal is in; a second store is refused by it. */
  readonly store: string
  /** The minimum to go back to on release; a group that a rollout made goes no higher than its size. */
  readonly previousMin?: number
}

/** A failed launch or a death, counted and with the cloud's own reason. */
export interface LaunchFailures {
  /** Grows by one for each; never falls while the group lives. */
  readonly count: number
  readonly last?: { readonly class: CallFailureClass; readonly message: string }
}

/** The cloud's own updater at work on a group, or the last time that it was. */
export interface UpdateView {
  /** The cloud's name of the operation. */
  readonly id: string
  readonly state: 'running' | 'stopping' | 'ended'
  /** What it replaces instances by. */
  readonly release: ReleaseId
  /** Whether it changes running instances instead of replacing them. @default - it replaces them */
  readonly reimages?: true
  /** How it stands, in the cloud's words: `the instance refresh 08b9… of web, InProgress, 40 % done`. */
  readonly says: string
}

/** One instance group. */
export interface GroupView {
  readonly id: GroupId
  /** The release that new instances are launched from. */
  readonly release: ReleaseId
  /** The rollout that created this group; absent on a group that was adopted. */
  readonly createdBy?: string
  /** Desired number of instances, by release. */
  readonly sizes: Readonly<Record<ReleaseId, number>>
  /** The smallest size that automation may choose. */
  readonly min: number
  readonly max: number
  /** What the cloud's autoscaler would like, where it says so. */
  readonly recommended?: number
  readonly holds: readonly HoldView[]
  readonly failures: LaunchFailures
  readonly instances: readonly InstanceView[]
  /** True for a group of which something is still to be made: a call of `ensureGroup` makes it. @default - it is whole */
  readonly partial?: boolean
  /** What the cloud's own updater does there. @default - nothing, or nobody asked (`updates` of the target) */
  readonly update?: UpdateView
  /** What the group itself says that it receives traffic by: target groups, pools. @default - nothing, or the router alone knows */
  readonly joins?: readonly BindingId[]
  /** Changes with every write to the group; a conditional write names it. */
  readonly version?: string
}

/** What became of a call that was accepted earlier, by the handle it answered with. */
export type HandleView =
  | { readonly state: 'pending' | 'done' }
  | { readonly state: 'failed'; readonly class: CallFailureClass; readonly message: string }

/** What the cloud's own updater cannot be told. */
export interface UpdaterLimits {
  /** It takes no fewer instances beyond the size, or missing, but for none at all; and whose rule that is. @default - any number */
  readonly least?: { readonly count: number; readonly why: string }
  /** Whether an instance can be made to wait before it counts, once it is well. @default - it can */
  readonly soak?: Can
  /** Whether it can replace instances that may be missing without launching any beyond the size. @default - it can */
  readonly withoutSurge?: Can
}

/** What this fleet's provider can do, each no with its reason, and the times it is known to take. */
export interface ProviderFacts {
  /** Whether anything is changed at all. Where it is not, every change is `denied`, and fleets are looked at and planned for. @default - it is */
  readonly changes?: Can
  readonly clone: Can
  readonly slots: Can
  readonly inPlace: Can
  /** Whether the cloud's own updater can replace the instances of a group, and be stopped. */
  readonly native: Can
  /** What that updater cannot be told. @default - there is no such limit */
  readonly updater?: UpdaterLimits
  /** Whether size writes can be made conditional on the version that was read. */
  readonly conditional: Can
  /** Whether marks are written into the group itself, so that of two changes of it at once the second is refused. @default false */
  readonly marksInGroup?: boolean
  /** Whether something outside imago may change sizes (an autoscaler). */
  readonly autoscaled: boolean
  /** After this a write that was answered is visible to every read. */
  readonly settleMs: number
  /** After this a call whose outcome stayed unknown can no longer land. */
  readonly lateCallHorizonMs: number
  /** How often the autoscaler speaks; 0 without one. */
  readonly autoscalerPeriodMs: number
  /** How long an instance usually may take to be ready: the default of the progress deadline. */
  readonly readyDeadlineMs: number
  /** How long an instance usually may take to finish what it has under way: the default deadline of a fleet's draining hook. */
  readonly drainDeadlineMs: number
  /** How long an instance usually takes to be ready: for the plan's estimates only. */
  readonly usualBootMs: number
  /** Names of the sources of health that the group itself has; empty when it has none. */
  readonly health: readonly string[]
}

/** What this fleet's router can do. */
export interface RouterFacts {
  readonly weights: Can
  /** Weights are integers that sum to this. */
  readonly units: number
  /** Whether routes can have a part of the traffic each; where they cannot, one has all of it. @default - they can */
  readonly shares?: Can
  readonly conditional: Can
  /** Whether a generation has an address of its own while its weight is 0. */
  readonly preview: Can
  readonly settleMs: number
  readonly lateCallHorizonMs: number
  /** After this a weight that was read back is true for every request. */
  readonly propagationMs: number
  /** How long draining may usually take. */
  readonly drainDeadlineMs: number
  readonly health: readonly string[]
}

/** One route: a binding, its share of the traffic, and the groups joined to it. */
export interface RouteView {
  readonly binding: BindingId
  readonly weight: number
  readonly groups: readonly GroupId[]
  /** True for a route of which something is still to be made: a call of `prepare` makes it. @default - it is whole */
  readonly partial?: boolean
  /** Where the generation can be reached at weight 0; where a router has one such address, it is that of the route prepared last. */
  readonly preview?: Preview
}

/** An address of a generation that has no traffic yet. */
export interface Preview {
  readonly url: string
  /** What requests there must carry. @default - nothing */
  readonly headers?: Readonly<Record<string, string>>
}

/** How the router sees an instance. */
export interface RoutedInstance {
  readonly state: 'in' | 'out' | 'draining' | 'unknown'
  readonly reason?: string
  /** Requests under way, where the router counts them. */
  readonly inFlight?: number
}

/** The routing of a fleet as one whole. */
export interface RoutingView {
  readonly routes: readonly RouteView[]
  /** By instance id; an instance that is not named here is not joined. */
  readonly instances: Readonly<Record<string, RoutedInstance>>
  readonly version?: string
}

/** What a provider answers when it is asked to look. */
export interface ProviderLook {
  readonly fleet: FleetId
  readonly groups: readonly GroupView[]
  readonly releases: Readonly<Record<ReleaseId, Release>>
  readonly handles: Readonly<Record<string, HandleView>>
  readonly facts: ProviderFacts
}

/** What a router answers when it is asked to look. */
export interface RouterLook {
  readonly routing: RoutingView
  readonly facts: RouterFacts
}

/** One whole look at a fleet. If any page or part failed there is no snapshot. */
export interface FleetSnapshot extends ProviderLook {
  /** When the look began. */
  readonly beganAt: At
  /** Answers of the fleet's own probes by instance; an instance that was not asked is not named. */
  readonly probes: Readonly<Record<string, boolean>>
  /** Absent when the fleet has no router. */
  readonly traffic?: RouterLook
}
