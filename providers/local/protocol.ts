import type { GroupRequest, FleetTarget, Weights } from '../../src/core/ports.ts'
import type { Json } from '../../src/core/json.ts'
import type {
  BindingId,
  GroupId,
  GroupView,
  HoldView,
  ProviderLook,
  Release,
  ReleaseId,
  RouterLook,
} from '../../src/core/snapshot.ts'
import type { SecondCounters } from './balancer/table.ts'
import type { ProcessIdentity } from './instances/process.ts'

/** What client and daemon must agree on; both refuse another one. */
export const PROTOCOL = 1

/** Headers of every call. */
export const HEADERS = {
  protocol: 'imago-protocol',
  /** Epoch milliseconds after which the daemon refuses the call: a call whose outcome stayed unknown cannot land later. */
  expiresAt: 'imago-expires-at',
  token: 'imago-token',
} as const

/** A call that the daemon did not begin within this time is refused by it. */
export const CALL_EXPIRES_MS = 5_000

/** A group as people define it. */
export interface GroupDefinition {
  readonly name: GroupId
  readonly release: Release
  readonly sealed: Json
  readonly size: number
  readonly min: number
  readonly max: number
  readonly zones: readonly string[]
}

/** A balancer's address as people define it. */
export interface ServiceDefinition {
  readonly name: string
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  readonly group: GroupId
}

/** Where a service listens. */
export interface ServiceAddress {
  readonly name: string
  readonly address: string
}

interface OfFleet {
  readonly target: FleetTarget
}
interface OfGroup extends OfFleet {
  readonly group: GroupId
}
interface OfRoute {
  readonly service: string
  readonly binding: BindingId
}
type Sizes = Readonly<Record<ReleaseId, number>>
type Nothing = Record<string, never>

/** Calls that only read: they may be made again when the daemon died over them. */
export interface ReadCalls {
  'fleet.describe': { in: OfFleet; out: ProviderLook }
  'route.look': { in: { service: string }; out: RouterLook }
  'group.list': { in: Nothing; out: readonly GroupView[] }
  'metrics.read': {
    in: { group: GroupId; binding: BindingId | null; from: number; until: number }
    out: readonly SecondCounters[]
  }
}

/** Calls that change something: their outcome is unknown when the daemon died over them. */
export interface WriteCalls {
  'fleet.ensure-group': { in: OfFleet & { request: GroupRequest }; out: Nothing }
  'fleet.resize': { in: OfGroup & { sizes: Sizes; version: string | null }; out: Nothing }
  'fleet.remove': { in: OfGroup & { instances: readonly string[]; sizesAfter: Sizes }; out: Nothing }
  'fleet.hold': { in: OfGroup & { hold: HoldView; min: number | null }; out: Nothing }
  'fleet.release': { in: OfGroup & { kind: HoldView['kind']; owner: string }; out: Nothing }
  'fleet.retire': { in: OfGroup; out: Nothing }
  'route.prepare': { in: OfRoute; out: Nothing }
  'route.join': { in: OfRoute & { group: GroupId }; out: Nothing }
  'route.weights': { in: { service: string; expected: Weights; wanted: Weights }; out: Nothing }
  'route.leave': { in: OfRoute & { group: GroupId; instances: readonly string[] | 'all' }; out: Nothing }
  'route.release': { in: OfRoute; out: Nothing }
  'group.create': { in: GroupDefinition; out: Nothing }
  'group.resize': { in: { name: GroupId; size: number }; out: Nothing }
  'group.delete': { in: { name: GroupId }; out: Nothing }
  'service.create': { in: ServiceDefinition; out: ServiceAddress }
  'service.delete': { in: { name: string }; out: Nothing }
  'cloud.shutdown': { in: Nothing; out: { daemon: ProcessIdentity | null } }
}

/** Every call, by name. */
export interface Calls extends ReadCalls, WriteCalls {}
/** The name of a call. */
export type CallName = keyof Calls
/** What a call is given. */
export type Input<Name extends CallName> = Calls[Name]['in']
/** What a call answers. */
export type Output<Name extends CallName> = Calls[Name]['out']
