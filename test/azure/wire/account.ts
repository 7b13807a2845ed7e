import type { AzurePermissions } from 'imago/azure'
import type { Machine, World } from 'imago/testing'
import type { CallFate } from '../../kit/wire/fate.ts'
import type { Fault } from './fault.ts'
import type { ProfileRecord } from './profile.ts'

export const SUBSCRIPTION = '11111111-2222-3333-4444-555555555555'

/** A resource group of a subscription, as it really is: its scale sets, galleries and what the region has. */
export interface Account {
  readonly world: World
  readonly resourceGroup: string
  readonly location: string
  readonly sets: Map<string, SetRecord>
  /** Definitions by subscription, resource group, gallery and name, `sub/group/gallery/web`, in lower case. */
  readonly definitions: Map<string, DefinitionRecord>
  /** Versions by `publisher/offer/sku`, in lower case. */
  readonly marketplace: Map<string, MarketplaceRecord>
  readonly sizes: Map<string, SizeRecord>
  /** Requests that were answered, in order. */
  readonly requests: AccountRequest[]
  /** What whoever asks may do. @default - anything */
  policy: AzurePermissions | undefined
  /** Actions that were asked for, whether they were allowed or not. */
  readonly asked: Set<string>
  /** Instances on a page; Azure does not say how many, and whoever asks has no say. */
  pageSize: number
  /** What an operation is refused with just now. */
  readonly refusals: Map<string, Fault>
  /** Operations that get no answer, and are not carried out. */
  readonly silent: Set<string>
  /** What becomes of one request; `undefined`: it is carried out and answered. */
  fateOf(operation: string, isRead: boolean): CallFate | undefined
  /** The account as it was at a moment, for whoever reads of it; itself when nothing has changed since, or nobody has it remember. */
  asOf(moment: number): Account
  /** Lines of requests that only the world's time brings on. */
  readonly held: Set<object>
  /** Whether what is launched just now never answers, whatever its image is. */
  spoils(): boolean
  /** Whether the credentials of whoever calls have expired. */
  isExpired: boolean
  /** What was accepted and takes long, by the id of the operation. */
  readonly operations: Map<string, OperationRecord>
  /** How long what was accepted is under way; genuine operations take minutes. */
  operationMs: number
  /** Whether the write that gives a set Rolling mode begins an upgrade; else the next write does. */
  upgradesWithMode: boolean
  /** Whether what an upgrade launched, and is not well, stays when that is given up or cancelled. Azure does not say. */
  surgeStays: boolean
  /** How long a write of an endpoint takes to be true for requests. @default - it is at once */
  propagation: ((profile: ProfileRecord) => number) | undefined
  /** The most instances that the subscription may have. @default - as many as it likes */
  quota: number | undefined
  /** Autoscale settings by name. */
  readonly settings: Map<string, Body>
  /** Load balancers and application gateways by name. */
  readonly balancers: Map<string, BalancerRecord>
  /** Traffic Manager profiles by name, and origin groups of Front Door, `front/web`. */
  readonly profiles: Map<string, ProfileRecord>
  /** Network interfaces of machines, by name. */
  readonly cards: Map<string, CardRecord>
  /** How many machines there ever were. */
  machines: number
}

interface AccountRequest {
  readonly method: string
  readonly operation: string
  readonly url: string
  readonly body: Body
  /** Epoch milliseconds of the world. */
  readonly at: number
}

export interface OperationRecord {
  status: 'InProgress' | 'Succeeded' | 'Failed'
  readonly startedAt: number
  error?: Body
}

/** What sends to pools by rules. */
export type BalancerKind = 'loadBalancers' | 'applicationGateways'

/** A load balancer or an application gateway: one document, whose parts have its entity tag. */
export interface BalancerRecord {
  readonly kind: BalancerKind
  /** Its pools by name: the administrative states of addresses that are not left to the probe. */
  readonly pools: Map<string, Map<string, string>>
  /** Its rules by name, and the pool of each. */
  readonly rules: Map<string, string>
  /** What of its rules it goes by: a gateway takes them over when it has been updated. @default - by its rules */
  inForce?: ReadonlyMap<string, string>
  tags: Readonly<Record<string, string>>
  etag: number
  /** Whether its updates end as Failed, and leave it as it was. @default false */
  fails?: boolean
  /** Until when it is being written. */
  busyUntil: number
}

export interface CardRecord {
  readonly name: string
  /** Its resource id: of its own in a Flexible set, below its instance in a Uniform one. */
  readonly id: string
  /** Until when what it belongs to is being written. */
  busyUntil: number
  /** Resource ids of pools, in lower case. */
  pools: readonly string[]
  etag: number
}

/** A body of Azure's, as it goes over the wire. */
export type Body = Readonly<Record<string, unknown>>

/** An image as a model or an instance names it. */
export type Reference = Readonly<Partial<Record<'id' | 'publisher' | 'offer' | 'sku' | 'version' | 'exactVersion', string>>>

export interface SetRecord {
  readonly name: string
  readonly mode: 'Uniform' | 'Flexible'
  readonly createdAt: number
  /** Its model: all of its body that its owner has set. */
  model: {
    readonly sku: { readonly name: string; readonly tier: string; capacity: number }
    readonly properties: Body
    readonly more: Body
  }
  provisioningState: string
  /** Why it is Failed: a code and a message. */
  failure: { readonly code: string; readonly message: string } | undefined
  members: MemberRecord[]
  /** A rolling upgrade as its owner's tools would see it, where a test says how it stands. */
  upgrade: Body | undefined
  /** One that works here. @default - none ever did */
  rolling?: UpgradeRecord
  /** Models that it has had. */
  edits: number
  /** Grows with every write. */
  etag: number
  /** The operation that writes it just now. */
  busy?: string | undefined
  /** How many instances it ever had. */
  launched: number
}

/** How a set upgrades itself: all that can be said of it, with what holds where nothing is said. */
export interface Policy {
  readonly maxBatchInstancePercent: number
  readonly maxUnhealthyInstancePercent: number
  readonly maxUnhealthyUpgradedInstancePercent: number
  readonly pauseTimeBetweenBatches: string
  readonly prioritizeUnhealthyInstances: boolean
  readonly rollbackFailedInstancesOnPolicyBreach: boolean
  readonly maxSurge: boolean
}

/** A rolling upgrade of a set. */
export interface UpgradeRecord {
  readonly policy: Policy
  readonly startedAt: number
  code: 'RollingForward' | 'Cancelled' | 'Completed' | 'Faulted'
  lastAction: 'Start' | 'Cancel'
  lastActionAt: number
  done: number
  failed: number
  /** Who is replaced just now, by whom; of those that are re-imaged, the images that they had. */
  batch:
    | {
        readonly old: readonly MemberRecord[]
        readonly made: readonly MemberRecord[]
        readonly since: number
        readonly before: readonly Reference[]
      }
    | undefined
  pausedUntil: number
  error: { readonly code: string; readonly message: string } | undefined
}

export interface MemberRecord {
  /** A number of a Uniform set, a name of a Flexible one. */
  readonly id: string
  /** Given once. */
  readonly vmId: string
  isLeaving: boolean
  readonly machine: Machine | undefined
  readonly image: Reference
  readonly size: string
  readonly zone: string
  readonly launchedAt: number
  /** Whether the set's model is the one that it was launched by. */
  readonly edit: number
  readonly failure: { readonly code: string; readonly message: string; readonly at: number } | undefined
}

export interface DefinitionRecord {
  readonly architecture: string
  readonly generation: string
  readonly versions: Map<string, VersionRecord>
}

export interface VersionRecord {
  provisioningState: string
  excluded: boolean
  endOfLife: string | undefined
  /** Replication by region, as people write it: `West Europe`. */
  readonly regions: Map<string, { state: string; progress: number }>
  readonly tags: Readonly<Record<string, string>>
}

export interface MarketplaceRecord {
  readonly versions: string[]
  deprecated: boolean
  readonly plan?: Body
}

export interface SizeRecord {
  readonly architecture: string
  readonly generations: string
  restriction?: string
}

/** An account in which there is nothing yet. */
export function createAccount(world: World, { location = 'westeurope', resourceGroup = 'shop' } = {}): Account {
  const account: Account = {
    world,
    resourceGroup,
    location,
    sets: new Map(),
    definitions: new Map(),
    marketplace: new Map(),
    sizes: new Map(),
    requests: [],
    policy: undefined,
    asked: new Set(),
    pageSize: 120,
    refusals: new Map(),
    silent: new Set(),
    fateOf: () => undefined,
    asOf: () => account,
    held: new Set(),
    spoils: () => false,
    isExpired: false,
    operations: new Map(),
    operationMs: 8_000,
    upgradesWithMode: true,
    surgeStays: true,
    propagation: undefined,
    quota: undefined,
    settings: new Map(),
    balancers: new Map(),
    profiles: new Map(),
    cards: new Map(),
    machines: 0,
  }
  return account
}

/** The resource id of something of Azure's compute service in the account's resource group. */
export function idOf(account: Account, resource: string): string {
  return `${groupId(account)}/providers/Microsoft.Compute/${resource}`
}

/** The resource id of something of its networks. */
export function networkId(account: Account, resource: string): string {
  return `${groupId(account)}/providers/Microsoft.Network/${resource}`
}

function groupId({ resourceGroup }: Account): string {
  return `/subscriptions/${SUBSCRIPTION}/resourceGroups/${resourceGroup}`
}
