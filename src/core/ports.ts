import type { ImageAlias, ImageDetails, ImageRef, ImageScheme } from './image.ts'
import type { Json, JsonObject } from './json.ts'
import type { BindingId, FleetId, GroupId, HoldView, ProviderLook, Release, ReleaseId, RouterLook } from './snapshot.ts'

/** What every port call is given. */
export interface CallContext {
  /** Let go: the call's outcome becomes unknown. */
  readonly signal: AbortSignal
  /** The same for every attempt of one command: a cloud that takes idempotency keys gets this one. */
  readonly token: string
}

/** How the instances of a fleet are grouped. */
export type Placement =
  /** A group of its own for each generation, numbered after the adopted one. */
  | { readonly kind: 'clone'; readonly adopt: string; readonly stable?: string }
  /** Two groups that the user's infrastructure code owns. */
  | { readonly kind: 'slots'; readonly a: string; readonly b: string }
  /** One group, whose instances are replaced in it. */
  | { readonly kind: 'in-place'; readonly group: string; readonly stable?: string }

/** Which fleet is looked at. */
export interface FleetTarget {
  /** The name that people use. */
  readonly name: string
  readonly placement: Placement
  /** The canonical id, once it is known: from then on the fleet is found by its own marks. */
  readonly id?: FleetId
  /** Handles of accepted calls whose fate is still open. */
  readonly handles: readonly string[]
}

/** Answer of a call that changes something: accepted, not done. */
export interface Accepted {
  /** Names the operation in later looks. @default - the cloud has no handle; looks tell */
  readonly handle?: string
}

/** What a rollout wants to launch. */
export interface ReleaseRequest {
  readonly image?: string | ImageRef | ImageAlias
  /** Launch settings to change; laid over those of the base release. */
  readonly launch?: JsonObject
  readonly base: Release
}

/** A request resolved: immutable, checked, and nothing written. */
export interface ResolvedRelease {
  readonly release: Release
  /** The mutable name that was given, if one was. */
  readonly alias?: ImageAlias
  readonly details: ImageDetails
  /** What {@link FleetProvider.ensureGroup} needs and nothing may show: kept in the sealed part of the journal. */
  readonly sealed: Json
  /** Why this image cannot be launched in this fleet; empty when it can. */
  readonly obstacles: readonly string[]
}

/** A group as it shall be. */
export interface GroupRequest {
  readonly group: GroupId
  readonly release: Release
  /** The {@link ResolvedRelease.sealed} of the release; null for a release the provider already keeps. */
  readonly sealed: Json
  /** The existing group whose other settings are copied. */
  readonly like: GroupId
  readonly size: number
  /** The route its instances join as they start, where there is one. */
  readonly binding?: BindingId
  readonly rolloutId: string
}

/**
 * A cloud's instance groups. No call waits for an effect: a change returns when the cloud has accepted it.
 *
 * Every call throws RolloutError `call-failed` with the failure's class; the class `unknown` says that it may still land.
 */
export interface FleetProvider {
  /** Version of this contract. */
  readonly contract: 1
  readonly kind: string
  readonly schemes: readonly ImageScheme[]
  /** Finds an image and checks that this fleet can launch it. Reads only. An image that is not there is `not-found`. */
  resolve(target: FleetTarget, request: ReleaseRequest, context: CallContext): Promise<ResolvedRelease>
  /** One look, in a fixed number of calls plus one per full page. A fleet that is not there is `not-found`; a part that could not be read fails the whole look. */
  describe(target: FleetTarget, context: CallContext): Promise<ProviderLook>
  /** Makes the group exist with at least this size, launching from this release. One that exists with the same release is left as it is; in place, the group's launch release is set. */
  ensureGroup(target: FleetTarget, request: GroupRequest, context: CallContext): Promise<Accepted>
  /** Sets the sizes, absolute and by release. Done twice it changes nothing; an absent group is `not-found`; `version` makes it conditional. While scale-in is held the minimum moves with the size. */
  resize(
    target: FleetTarget,
    group: GroupId,
    sizes: Readonly<Record<ReleaseId, number>>,
    version: string | undefined,
    context: CallContext,
  ): Promise<Accepted>
  /** Removes these instances and sets the sizes that remain. Instances already gone are no error. While scale-in is held the minimum moves with the size. */
  remove(
    target: FleetTarget,
    group: GroupId,
    instances: readonly string[],
    sizesAfter: Readonly<Record<ReleaseId, number>>,
    context: CallContext,
  ): Promise<Accepted>
  /** Writes or renews a mark and what it holds: the mark first. `min` raises the group's minimum while it is held. Another live owner's mark is `conflict`. */
  hold(target: FleetTarget, group: GroupId, hold: HoldView, min: number | undefined, context: CallContext): Promise<Accepted>
  /** Undoes what is held, sees it undone, then removes the mark. An absent mark or group is no error. */
  release(target: FleetTarget, group: GroupId, kind: HoldView['kind'], owner: string, context: CallContext): Promise<Accepted>
  /** Deletes the group, its instances and what was made for it alone. An absent group is no error. */
  retire(target: FleetTarget, group: GroupId, context: CallContext): Promise<Accepted>
}

/** What a router can do at most; `weights: false` makes strategies that need weights a type error. */
export interface RouterLimits {
  readonly weights: boolean
}

/** Sends a fleet's traffic. The same rules as for {@link FleetProvider} hold. */
export interface TrafficRouter<Limits extends RouterLimits = RouterLimits> {
  readonly contract: 1
  readonly kind: string
  readonly limits: Limits
  /** Weights, joined groups, instances in and out. An absent router resource is `not-found`. */
  look(target: FleetTarget, context: CallContext): Promise<RouterLook>
  /** Makes a route for a generation at weight 0. Done twice it changes nothing. */
  prepare(target: FleetTarget, binding: BindingId, context: CallContext): Promise<Accepted>
  /** Lets a group's present and future instances receive what the binding receives. */
  join(target: FleetTarget, binding: BindingId, group: GroupId, context: CallContext): Promise<Accepted>
  /** Sets all weights at once. `conflict` when they are not what was expected; a weight for a binding that is gone is `not-found`. */
  setWeights(target: FleetTarget, expected: Weights, wanted: Weights, context: CallContext): Promise<Accepted>
  /** Stops new requests to a group, or to these instances of it, and lets those under way finish. Absent ones are no error. */
  leave(
    target: FleetTarget,
    binding: BindingId,
    group: GroupId,
    instances: readonly string[] | 'all',
    context: CallContext,
  ): Promise<Accepted>
  /** Deletes the route. A route with weight is `conflict`; an absent one is no error. From its answer on, a late write that names it is refused. */
  release(target: FleetTarget, binding: BindingId, context: CallContext): Promise<Accepted>
}

/** Router units by binding. */
export type Weights = Readonly<Record<BindingId, number>>

/** Which numbers a metric source is asked for. */
export interface MetricQuery {
  readonly query: string
  /** What the number is about. */
  readonly subject: { readonly group: GroupId; readonly binding?: BindingId; readonly release: ReleaseId }
  /** Epoch milliseconds; the window ends when the question is asked. */
  readonly from: number
  readonly until: number
}

/** One number at one moment. */
export interface Sample {
  readonly at: number
  readonly value: number
}

/** Answers queries with numbers. No data is an empty list, never zero. */
export interface MetricSource {
  readonly contract: 1
  readonly kind: string
  read(query: MetricQuery, context: { readonly signal: AbortSignal }): Promise<readonly Sample[]>
}

/** What became of a conditional write. `unknown`: it may or may not have been applied, now or a little later. */
export type AppendResult = 'appended' | 'taken' | 'unknown'

/**
 * A log of streams, and a cell beside it. Create-if-absent is all that safety asks of a store.
 *
 * Every call throws RolloutError `store-unavailable` when the store could not be reached and nothing was written.
 */
export interface RolloutStore {
  readonly contract: 1
  readonly kind: string
  /** Which store this is, for claims: the same for every process that shares it. */
  readonly id: string
  /** Adds entries from `atSeq` on, all or none, durably; `taken` when anything stands at `atSeq`, or nothing at the one before it. The first entry of a stream is 1. */
  append(stream: string, atSeq: number, entries: readonly JsonObject[]): Promise<AppendResult>
  /** Entries from `fromSeq` on, in order, as many as fit in a page; an empty list at the end or for an absent stream. */
  read(stream: string, fromSeq: number): Promise<readonly JsonObject[]>
  /** Names of the streams that begin with a prefix, sorted. */
  list(prefix: string): Promise<readonly string[]>
  /** The store's own clock, epoch milliseconds. */
  now(): Promise<number>
  /** The cell's value, or `undefined`. */
  get(key: string): Promise<Cell | undefined>
  /** Replaces the cell's value if its version is still the expected one (`undefined`: absent); a `null` value removes it. */
  compareAndSet(key: string, expected: string | undefined, value: Json): Promise<'set' | 'lost' | 'unknown'>
  /** Frees files, sockets and timers; done twice it does nothing. */
  close(): Promise<void>
}

/** A cell's content. */
export interface Cell {
  readonly version: string
  readonly value: Json
}

/** Time, as the engine sees it. */
export interface Clock {
  /** Wall time for people, epoch milliseconds. */
  now(): number
  /** Milliseconds that never jump, for waits within a process. */
  monotonic(): number
  /** Ends early when the signal aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}
