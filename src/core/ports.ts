import type { ImageAlias, ImageDetails, ImageRef, ImageScheme } from './image.ts'
import type { Json, JsonObject } from './json.ts'
import type { BindingId, FleetId, GroupId, HoldView, NameRule, ProviderLook, Release, ReleaseId, RouterLook } from './snapshot.ts'

/** What every port call is given. */
export interface CallContext {
  /**
   * Let go: the call ends without waiting for its answer. A change that was sent is `unknown` then. One of several requests looks at this
   * before each, once every timer that is due has rung: what follows an answer that a standstill delayed is not sent any more.
   */
  readonly signal: AbortSignal
  /** The same for every attempt of one command and for no other: a cloud that takes idempotency keys gets this one. */
  readonly token: string
}

/** How the instances of a fleet are grouped. */
export type Placement =
  /** A group of its own for each generation, numbered after the adopted one. */
  | { readonly kind: 'clone'; readonly adopt: string }
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
  /** Whether a look shows what the cloud's own updater does; of a group that no rollout holds it always does. @default false */
  readonly updates?: boolean
}

/** Answer of a call that changes something: accepted, not done. */
export interface Accepted {
  /** Names the operation in the `handles` of later looks. @default - the cloud has no handle; looks alone tell */
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
  /** The existing group whose other settings are copied, its bounds among them. */
  readonly like: GroupId
  readonly size: number
  /** The route that a new group's instances join as they start; a group that exists is joined by the router alone. @default - none */
  readonly binding?: BindingId
  /** Marked on a group that is made. */
  readonly rolloutId: string
}

/**
 * A cloud's instance groups.
 *
 * No call waits for an effect: a change returns when the cloud has accepted it. What was accepted shows in every look once
 * `settleMs` has passed; or its handle has failed. A change whose effect is there already changes nothing more.
 *
 * Every call returns a promise that rejects with RolloutError `call-failed` and the failure's class. The class `unknown` says
 * that it may still land, within `lateCallHorizonMs`; after any other it never does, and nothing was changed.
 */
export interface FleetProvider {
  /** Version of this contract. */
  readonly contract: 1
  readonly kind: string
  readonly schemes: readonly ImageScheme[]
  /** What a group may be called that is made; every group that is there fits. @default - anything */
  readonly names?: NameRule
  /** The cloud's own updater. @default - there is none, and `native` of the facts says why */
  readonly updater?: NativeUpdater
  /**
   * Finds an image and checks that this fleet can launch it. Reads only. The same request gives the same release, and without
   * an image or launch settings those of the base. An image that is not there is `not-found`, a text that names none throws
   * RolloutError `image-invalid`.
   */
  resolve(target: FleetTarget, request: ReleaseRequest, context: CallContext): Promise<ResolvedRelease>
  /**
   * One look, in a fixed number of calls plus one per full page. Shows every group of the fleet, those that the placement
   * names and those that were made for it, and the release of each group and instance. Once its id is known the fleet is
   * found by it alone, whatever it is called now. A slot is shown while it holds something: instances, a size, or a mark. A
   * fleet that is not there is `not-found`; a part that could not be read fails the whole look. A handle that the cloud does not know is not named.
   */
  describe(target: FleetTarget, context: CallContext): Promise<ProviderLook>
  /**
   * Makes the group exist with at least this size, launching from this release. One that exists with the same release keeps its
   * instances and is never made smaller; of one made in part the rest is made. Another release is `conflict`, but in place it becomes
   * what is launched from now on, beside the instances that are there. An empty slot launches this release from now on, within the
   * bounds of the group to copy. What is made while its rollout holds that group may be held as that is. An absent group to copy or
   * route to join is `not-found`, and no group is made; so are launch settings that are neither kept nor given, and a slot that nobody made.
   */
  ensureGroup(target: FleetTarget, request: GroupRequest, context: CallContext): Promise<Accepted>
  /**
   * Makes the group at least as large as these sizes, absolute and by release; one that is larger stays, and those of
   * releases that are not named stay. An absent group is `not-found`, a size that is no whole number from 0 and one of a
   * release that the fleet does not know are `invalid`, more than the group's maximum is `quota`. With a `version` that is not
   * the group's any more it is `conflict`. While scale-in is held the minimum moves with the size.
   */
  resize(
    target: FleetTarget,
    group: GroupId,
    sizes: Readonly<Record<ReleaseId, number>>,
    version: string | undefined,
    context: CallContext,
  ): Promise<Accepted>
  /**
   * Removes these instances, whatever their state, and nobody else, however late it lands; then lowers the sizes to those that remain.
   * Where one is as before, others are launched instead; where more stay than it says, it is what stays; where it was smaller it
   * stays so. What is removed is no failure. Instances already gone are no error; what is `not-found`, `invalid` and `quota` is
   * as in {@link resize}. While scale-in is held the minimum moves with the size.
   */
  remove(
    target: FleetTarget,
    group: GroupId,
    instances: readonly string[],
    sizesAfter: Readonly<Record<ReleaseId, number>>,
    context: CallContext,
  ): Promise<Accepted>
  /**
   * Writes or renews a mark and what it holds: the mark first. `min` raises the group's minimum while it is held; the one
   * before the first hold is kept in the mark. There is one mark of a kind on a group, and one owner's claims on a fleet:
   * while another owner's, another store's or a later epoch's has not expired it is `conflict`, and so is every other mark
   * while such a claim is on the fleet. An absent group is `not-found`.
   */
  hold(target: FleetTarget, group: GroupId, hold: HoldView, min: number | undefined, context: CallContext): Promise<Accepted>
  /**
   * Undoes what is held, sees it undone, then removes the mark; until that is seen it is `transient`, and the mark stays. An absent mark or
   * group, and a mark of another owner, are no error and stay as they are.
   */
  release(target: FleetTarget, group: GroupId, kind: HoldView['kind'], owner: string, context: CallContext): Promise<Accepted>
  /**
   * Deletes the group, its instances and what was made for it alone; it is there until the last of them is gone. A cloud that deletes
   * empty groups only empties it, and deletes it when it is asked again. A slot is emptied for good, its marks are removed, and it
   * stays joined to its route. An absent group is no error.
   */
  retire(target: FleetTarget, group: GroupId, context: CallContext): Promise<Accepted>
}

/** How far the cloud's own updater may go, and how fast; what it cannot be told is in the facts, and is `invalid`. */
export interface UpdateRequest {
  /** What the group launches: instances of other releases are replaced by it. */
  readonly release: ReleaseId
  /** Instances beyond the size. */
  readonly maxSurge: number
  /** Instances that may be missing; with 0 nothing ends before another serves in its stead. */
  readonly maxUnavailable: number
  /** How long each instance must have been well before it counts. */
  readonly soakMs: number
  /** So many are replaced, or a few more where the updater cannot count so finely; then it waits. @default - all */
  readonly upTo?: number
}

/** A cloud's own updater, which replaces the instances of a group by itself. The same rules as for {@link FleetProvider} hold. */
export interface NativeUpdater {
  /**
   * Has it replace what the group does not launch; one that works towards the same within the same bounds goes on. What one does that was
   * sent before is replaced by what the group launches as it lands. Another one at work, and a group that launches something else, is
   * `conflict`. An absent group is `not-found`.
   */
  start(target: FleetTarget, group: GroupId, request: UpdateRequest, context: CallContext): Promise<Accepted>
  /** Has it stop: what it is replacing just now may still be replaced, and is part of the look while it `stops`. None at work, and an absent group, is no error. */
  stop(target: FleetTarget, group: GroupId, context: CallContext): Promise<Accepted>
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
  /** What a route may be called that is made. @default - anything */
  readonly names?: NameRule
  /** Weights, joined groups, instances in and out. Only healthy instances are `in`. An absent router resource is `not-found`, here and in every change. */
  look(target: FleetTarget, context: CallContext): Promise<RouterLook>
  /**
   * Makes a route for a generation at weight 0, with nobody in it. One that exists keeps its weight and its groups; of one made in part
   * the rest is made. Where the router has one preview for all, it leads to this route from now on.
   */
  prepare(target: FleetTarget, binding: BindingId, context: CallContext): Promise<Accepted>
  /** Lets a group's present and future instances receive what the binding receives, but not those that left. An absent binding or group is `not-found`. */
  join(target: FleetTarget, binding: BindingId, group: GroupId, context: CallContext): Promise<Accepted>
  /**
   * Sets all weights at once; a route that is not named gets 0. `conflict` when they are not what was expected as it is
   * called, and where writes can be conditional as it lands; a weight for a binding that is gone is `not-found`; weights that
   * are not whole numbers from 0 with the sum of `units` are `invalid`. After `propagationMs` they are true for requests.
   */
  setWeights(target: FleetTarget, expected: Weights, wanted: Weights, context: CallContext): Promise<Accepted>
  /**
   * Stops new requests to a group, or to these instances of it, and lets those under way finish. A group that left is joined
   * no more, nor are its future instances; {@link join} brings it back. Absent ones are no error.
   */
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
