import type {
  GroupView,
  HoldView,
  InstanceView,
  LaunchFailures,
  ProviderLook,
  Release,
  RoutedInstance,
  RouterLook,
  RouteView,
  UpdateView,
} from '../../core/snapshot.ts'
import type { UpdateRequest } from '../../core/ports.ts'
import type { Machine } from '../world/index.ts'
import type { Shown } from './shown.ts'

/** A machine in its group. */
export interface InstanceRecord {
  readonly machine: Machine
  terminating: boolean
  /** Whether new requests are sent to it: it is in a route, well, and not leaving. */
  serving: boolean
  /** Until when requests that were under way go on; 0 when there are none. */
  drainsUntil: number
  /** The router cannot tell its state until then, though it serves. */
  hazyUntil: number
}

/** The cloud's own updater at work on a group, as it really is. */
export interface UpdateRecord extends UpdateRequest {
  readonly id: string
  state: UpdateView['state']
  /** Instances that it has launched beyond the size. */
  extra: number
}

/** What reads show of a group beside its instances. */
export type GroupFields = Omit<GroupView, 'instances'>

/** A group of instances, as it really is. */
export interface GroupRecord {
  readonly id: string
  readonly fleet: FleetRecord
  readonly createdBy?: string
  readonly createdAt: number
  /** What it launches. */
  release: string
  sizes: Readonly<Record<string, number>>
  min: number
  /** The minimum that it is meant to have while nobody holds it. */
  ownMin: number
  readonly max: number
  holds: readonly HoldView[]
  failures: LaunchFailures
  recommended?: number
  instances: InstanceRecord[]
  version: number
  retiring: boolean
  /** Made by a call that landed in part. */
  partial: boolean
  /** The cloud's own updater, as it works on it or did last. @default - it never did */
  update?: UpdateRecord
  /** No launch is tried before. */
  retryAt: number
  readonly fields: Shown<GroupFields>
  readonly views: Shown<readonly InstanceView[]>
  /** The look that was last put together. */
  look?: { readonly fields: GroupFields; readonly instances: readonly InstanceView[]; readonly view: GroupView }
}

/** A route, as it really is. */
export interface RouteRecord {
  readonly binding: string
  /** As it was written. */
  weight: number
  /** As requests see it. */
  inForce: number
  /** Made by a call that landed in part. */
  partial: boolean
  /** Groups that are joined, each with the instances that were taken out. */
  readonly groups: Map<string, Set<string>>
}

/** What reads show of the routes. */
export interface RoutesShown {
  readonly routes: readonly RouteView[]
  readonly version: string
}

/** A fleet, as it really is. */
export interface FleetRecord {
  readonly id: string
  readonly groups: Map<string, GroupRecord>
  /** Slots that their owner made and has not deleted: an empty one has no record among the groups. */
  readonly slots: Set<string>
  readonly routes: Map<string, RouteRecord>
  releases: Readonly<Record<string, Release>>
  routingVersion: number
  /** The route that was prepared last: the one that a preview for all leads to. */
  previewed?: string | undefined
  /** When the latest weights are true for requests. */
  propagatedAt: number
  readonly list: Shown<readonly GroupRecord[]>
  readonly routing: Shown<RoutesShown>
  readonly routed: Shown<Readonly<Record<string, RoutedInstance>>>
  providerLook?: ProviderLook
  routerLook?: { readonly routes: RoutesShown; readonly instances: RouterLook['routing']['instances']; readonly look: RouterLook }
}

/** Whether the updater of a group is at work, so that what it launches cannot be changed. */
export function isUpdating({ update }: GroupRecord): boolean {
  return update !== undefined && update.state !== 'ended'
}

/** All instances that a group wants. */
export function sizeOf(group: Pick<GroupRecord, 'sizes'>): number {
  let sum = 0
  for (const release in group.sizes) sum += group.sizes[release] ?? 0
  return sum
}

/** Instances of a release that are not on their way out. */
export function staying(group: GroupRecord, release: string): InstanceRecord[] {
  return group.instances.filter((one) => one.machine.release === release && !one.terminating)
}
