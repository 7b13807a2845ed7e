import { createHash } from 'node:crypto'
import { iamPolicy, type IamPolicy } from 'imago/aws'
import type { World } from 'imago/testing'
import type { CallFate } from '../../kit/wire/fate.ts'
import type { Input } from './protocol/query.ts'

/** A region of an account, as it really is: what Auto Scaling, EC2 and the load balancers know. */
export interface Account {
  readonly world: World
  readonly id: string
  readonly region: string
  readonly images: Map<string, ImageRecord>
  readonly templates: Map<string, TemplateRecord>
  readonly instances: Map<string, InstanceRecord>
  readonly groups: Map<string, GroupRecord>
  readonly targetGroups: Map<string, TargetGroupRecord>
  /** The tags of each, by ARN. */
  readonly listeners: Map<string, Map<string, string>>
  readonly rules: Map<string, RuleRecord>
  readonly parameters: Map<string, string>
  /** Alarms of CloudWatch by name, as they were put, each with its ARN. */
  readonly alarms: Map<string, Readonly<Record<string, unknown>>>
  /** Calls that were answered, by service and operation. */
  readonly calls: Map<string, number>
  /** All that may be done by whoever is not the account's owner. */
  policy: IamPolicy
  /** Keys that calls were signed with. */
  readonly keys: Set<string>
  /** Actions that the policy was asked about. */
  readonly asked: Set<string>
  /** Calls that nobody may make, whatever the policy says, `ec2.RunInstances`. */
  readonly denied: Set<string>
  /** Whether a call is one too many just now. */
  throttles(service: string, operation: string): boolean
  /** What becomes of a call; `undefined`: it is carried out and answered. */
  fateOf(service: string, operation: string): CallFate | undefined
  /** The account as it was at a moment, for whoever reads of it; itself when nothing has changed since, or nobody has it remember. */
  asOf(moment: number): Account
  /** Lines of calls that nobody answers. */
  readonly held: Set<object>
  /** What AWS answers to every launch, in its words; `undefined` when it launches. */
  launchRefusal: string | undefined
  /** Whether a group shrinks in its fullest zones alone, though all that is there be protected. AWS's pages can be read either way. */
  onlyFullest: boolean
  /** Whether what is launched just now never answers, whatever its image is. */
  spoils(): boolean
  /** Whether the credentials of whoever is not the owner have expired. */
  expired: boolean
  /** Makes an id that nobody had before, `i-0…`. */
  newId(prefix: string): string
}

export interface ImageRecord {
  readonly id: string
  readonly name: string
  readonly architecture: string
  state: string
  readonly createdAt: number
  readonly owner: string
}

export interface TemplateRecord {
  readonly id: string
  readonly name: string
  readonly versions: Input[]
  defaultVersion: number
  readonly tags: ReadonlyMap<string, string>
}

export interface InstanceRecord {
  readonly id: string
  readonly group: string
  readonly image: string
  readonly type: string
  readonly zone: string
  readonly template: { readonly id: string; readonly version: string }
  readonly launchedAt: number
  readonly address: string
  readonly tags: Readonly<Record<string, string>>
  lifecycle: string
  healthStatus: 'Healthy' | 'Unhealthy'
  protectedFromScaleIn: boolean
}

export interface ActivityRecord {
  readonly id: string
  readonly description: string
  readonly cause: string
  readonly startedAt: number
  endedAt?: number
  status: string
  message?: string
}

export interface RefreshRecord {
  readonly id: string
  readonly startedAt: number
  endedAt?: number
  /** When an instance was last replaced. */
  progressAt: number
  readonly strategy: string
  readonly preferences: Input
  /** The version that it replaces by; what the group launches when it has none. */
  readonly desired: { readonly id: string; readonly version: string } | undefined
  /** Instances that the group was to have when it began. */
  readonly size: number
  readonly checkpoints: readonly number[]
  status: string
  reason?: string
  replaced: number
  /** Instances that it has launched beyond the size. */
  extra: number
}

export interface TagRecord {
  value: string
  propagate: boolean
}

export interface GroupRecord {
  readonly name: string
  readonly arn: string
  readonly createdAt: number
  min: number
  max: number
  desired: number
  template: { id: string; version: string }
  healthCheckType: string
  gracePeriodS: number
  readonly zones: readonly string[]
  readonly targetGroups: Set<string>
  readonly tags: Map<string, TagRecord>
  readonly suspended: Set<string>
  /** Names of the metrics that it collects. */
  readonly metrics: Set<string>
  warmPool: Input | undefined
  readonly members: Set<string>
  readonly activities: ActivityRecord[]
  /** Instance refreshes, the latest first. */
  readonly refreshes: RefreshRecord[]
  /** Hooks, policies and what else has calls of its own, by kind and name. */
  readonly separate: Map<string, Input>
  deleting: boolean
  /** Whether instances are protected from scale-in as they start. */
  guardsNew: boolean
}

export interface TargetGroupRecord {
  readonly arn: string
  readonly name: string
  readonly port: number
  readonly attributes: Map<string, string>
  /** Instances that were deregistered one by one, and until when they drain. */
  readonly deregistered: Map<string, number>
  readonly tags: Map<string, string>
}

export interface RuleRecord {
  readonly arn: string
  readonly listener: string
  readonly isDefault: boolean
  readonly priority: string
  readonly conditions: readonly Input[]
  forwards: { readonly arn: string; readonly weight: number }[]
}

/** An empty account on a world. */
export function createAccount(world: World, { id = '123456789012', region = 'eu-west-1' } = {}): Account {
  let count = 0
  const account: Account = {
    world,
    id,
    region,
    images: new Map(),
    templates: new Map(),
    instances: new Map(),
    groups: new Map(),
    targetGroups: new Map(),
    listeners: new Map(),
    rules: new Map(),
    parameters: new Map(),
    alarms: new Map(),
    calls: new Map(),
    policy: iamPolicy({ account: id, region, features: ['groups', 'clone', 'refresh', 'alb', 'nlb', 'ssm'], roles: ['web-*'] }),
    keys: new Set(),
    asked: new Set(),
    denied: new Set(),
    throttles: () => false,
    fateOf: () => undefined,
    asOf: () => account,
    held: new Set(),
    launchRefusal: undefined,
    onlyFullest: false,
    spoils: () => false,
    expired: false,
    newId: (prefix) => `${prefix}-${createHash('sha256').update(`${prefix} ${++count}`).digest('hex').slice(0, 17)}`,
  }
  return account
}

/** An image as somebody registers it. */
export function imageRecord(id: string, createdAt: number): ImageRecord {
  return { id, name: `web ${id}`, architecture: 'x86_64', state: 'available', createdAt, owner: 'self' }
}

/** The name of a resource in all of AWS. */
export function arn({ region, id }: Account, service: string, resource: string): string {
  return `arn:aws:${service}:${region}:${id}:${resource}`
}
