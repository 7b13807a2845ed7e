import { randomBytes } from 'node:crypto'
import type { ImageRef } from '../../../src/core/image.ts'
import type { At, BindingId, FleetId, GroupId, HoldView, LaunchFailures, ReleaseId } from '../../../src/core/snapshot.ts'
import type { ProcessIdentity } from '../instances/process.ts'

/** Everything the daemon must know after it was killed. Stored before it is acted on. */
export interface CloudState {
  format: 1
  /** This cloud, among all others: the first part of its fleets' ids. */
  cloud: string
  releases: Record<ReleaseId, ReleaseRecord>
  groups: Record<GroupId, GroupRecord>
  services: Record<string, ServiceRecord>
  balancer?: BalancerRecord
  /** Tokens of commands that were carried out, newest last. */
  done: string[]
}

/** What a release id stands for; the settings are in the template of that digest. */
export interface ReleaseRecord {
  image: ImageRef
  launch: string
}

/** A group as it shall be, and the instances that were decided on for it. */
export interface GroupRecord {
  id: GroupId
  /** The mark by which a fleet finds its groups. */
  fleet?: FleetId
  createdBy?: string
  release: ReleaseId
  sizes: Record<ReleaseId, number>
  min: number
  max: number
  zones: string[]
  holds: HoldView[]
  failures: LaunchFailures
  /** Grows with each command that changes sizes or the launch release. */
  version: number
  backoff: Backoff
  retiring: boolean
  instances: InstanceRecord[]
}

/** When launching may be tried again after instances died early. */
export interface Backoff {
  deaths: number
  until: At
}

/** One instance: decided on, then launched, then perhaps on its way out. */
export interface InstanceRecord {
  id: string
  release: ReleaseId
  port: number
  zone?: string
  launchedAt: At
  /** Absent until it was launched. */
  process?: ProcessIdentity
  /** As last judged; a new daemon goes on from here. */
  health: 'starting' | 'healthy' | 'unhealthy'
  healthyAt?: At
  removing?: { at: At; stoppedAt?: At }
}

/** One address of the balancer and the pools behind it. */
export interface ServiceRecord {
  name: string
  host: string
  port: number
  version: number
  pools: PoolRecord[]
}

/** A binding: the groups joined to it, and what has left. */
export interface PoolRecord {
  binding: BindingId
  weight: number
  members: Record<GroupId, { left: 'all' | string[] }>
}

/** The balancer's process. */
export interface BalancerRecord {
  claim: string
  process?: ProcessIdentity
}

/** A cloud with nothing in it. */
export function emptyState(): CloudState {
  return { format: 1, cloud: randomBytes(6).toString('hex'), releases: {}, groups: {}, services: {}, done: [] }
}

/** Every instance with its group. */
export function* instancesOf(state: CloudState): Generator<{ group: GroupRecord; instance: InstanceRecord }> {
  for (const group of Object.values(state.groups)) for (const instance of group.instances) yield { group, instance }
}

/** Every port that this cloud has given away. */
export function portsOf(state: CloudState): Set<number> {
  return new Set([
    ...[...instancesOf(state)].map((one) => one.instance.port),
    ...Object.values(state.services).map((one) => one.port),
  ])
}
