import { gcpPermissions, type GcpFeature, type GcpPermissions } from 'imago/gcp'
import type { World } from 'imago/testing'
import type { CallFate } from '../../kit/wire/fate.ts'
import type { Fault } from './fault.ts'

/** JSON of the Compute API. */
export type Json = Readonly<Record<string, unknown>>

/** A project, as it really is: what Compute Engine knows of it. */
export interface Project {
  readonly world: World
  readonly id: string
  /** Its one region; zones are named after those of the world: `europe-west1-a`. */
  readonly region: string
  /** By name. */
  readonly images: Map<string, ImageRecord>
  /** By path from the project on, `global/instanceTemplates/web-1`. */
  readonly templates: Map<string, TemplateRecord>
  readonly groups: Map<string, GroupRecord>
  readonly autoscalers: Map<string, AutoscalerRecord>
  /** By path; a URL map as it was written. */
  readonly urlMaps: Map<string, Json>
  readonly services: Map<string, ServiceRecord>
  readonly operations: Map<string, OperationRecord>
  /** Operations by the id of the request that began them: one that is sent again begins no other. */
  readonly requests: Map<string, OperationRecord>
  /** What an operation of this method fails of within, until it is taken out. */
  readonly failures: Map<string, { readonly code: string; readonly message: string; readonly status: number }>
  /** What becomes of one request of a method; `undefined`: it is carried out and answered. */
  fateOf(name: string, isRead: boolean): CallFate | undefined
  /** The project as it was at a moment, for whoever reads of it; itself when nothing has changed since, or nobody has it remember. */
  asOf(moment: number): Project
  /** Lines of requests that only the world's time brings on. */
  readonly held: Set<object>
  /** Whether somebody lets the world go on from event to event while requests are waited for; else whoever waits lets it go on. */
  isDriven: boolean
  /** What every launch fails of; without it machines are launched. */
  launchRefusal?: { readonly code: string; readonly message: string }
  /** Whether what is launched just now never answers, whatever its image is. */
  spoils(): boolean
  /** Until when a machine is at the requests that it got. @default - nobody sends any */
  drainsUntil?(machine: string): number
  /** What whoever calls may do. */
  policy: GcpPermissions
  /** Permissions that the policy was asked about. */
  readonly asked: Set<string>
  /** Whether the credentials of whoever calls have expired. */
  isExpired: boolean
  /** Requests that were answered, by verb and method: `GET images.get`. */
  readonly calls: Map<string, number>
  /** What a method answers instead, until it is taken out; `'silence'` is never an answer, and `'unheard'` is carried out. */
  readonly mishaps: Map<string, Fault | 'silence' | 'reset' | 'garbled' | 'unheard'>
  /** Requests that get no answer and have not been let go of. */
  readonly silent: Set<object>
  /** Makes a number that nothing had before: 19 digits, more than a double can hold. */
  newId(): string
}

export interface ImageRecord {
  readonly id: string
  readonly name: string
  readonly family?: string
  readonly createdAt: number
  readonly architecture: string
  readonly diskSizeGb: string
  status: string
  deprecated?: Json
  /** It was deleted: nobody is told of it any more. */
  isGone?: boolean
}

export interface TemplateRecord {
  readonly id: string
  readonly description?: string
  readonly path: string
  readonly name: string
  readonly createdAt: number
  readonly properties: Json
}

export interface GroupRecord {
  readonly id: string
  readonly name: string
  /** `zones/europe-west1-a/instanceGroupManagers/web` */
  readonly path: string
  readonly createdAt: number
  readonly baseInstanceName: string
  /** Zones of the world that it launches in. */
  readonly zones: readonly string[]
  versions: readonly VersionRecord[]
  targetSize: number
  /** Whether it asks its instances for themselves. */
  readonly healthChecked: boolean
  updateType: 'PROACTIVE' | 'OPPORTUNISTIC'
  replacementMethod: 'SUBSTITUTE' | 'RECREATE'
  /** @default 'REPLACE' */
  minimalAction?: string
  /** @default - it may replace */
  mostDisruptive?: string
  /** Instances beyond the size while it updates. @default - as many as it has zones */
  surge?: Share
  /** Instances that may be missing meanwhile. @default - as many as it has zones */
  unavailable?: Share
  /** How many its updater has launched beyond the size, and has ended nobody for. @default 0 */
  extra?: number
  /** Its updater looks at it again. */
  watched?: boolean
  /** Of a regional group: whether it moves instances between zones by itself. */
  redistribution?: string
  stateful: boolean
  readonly paginated: boolean
  description?: string
  /** Ports of the plain group behind it. */
  namedPorts?: readonly Json[]
  /** What was said of it when it was made, beside what has a field here. */
  readonly more?: Json
  /** It is being deleted, and refuses every change. */
  deleting?: boolean
  readonly instances: Map<string, InstanceRecord>
  readonly errors: ErrorRecord[]
}

/** A number, or a share of the size. */
export interface Share {
  readonly fixed?: number
  readonly percent?: number
}

export interface VersionRecord {
  readonly name?: string
  /** Path of its template. */
  readonly template: string
  readonly fixed?: number
  readonly percent?: number
}

export interface InstanceRecord {
  readonly name: string
  readonly zone: string
  template: string
  versionName: string | undefined
  action: string
  status: string | undefined
  health: string | undefined
  /** Of the world's machines the one that is to become its own. */
  launched?: string
  /** Its machine, once there is one. */
  machine?: {
    readonly id: string
    readonly number: string
    readonly launchedAt: number
    readonly address: string
    readonly image: Json
  }
  lastErrors: readonly { readonly code: string; readonly message: string }[]
}

export interface ErrorRecord {
  readonly at: number
  readonly code: string
  readonly message: string
  readonly instance: InstanceRecord
}

export interface AutoscalerRecord {
  readonly id: string
  readonly name: string
  readonly path: string
  readonly target: string
  min: number
  max: number
  mode: string
  /** What else its policy says. */
  readonly policy?: Json
  readonly recommended?: number
}

export interface ServiceRecord {
  readonly name: string
  readonly path: string
  readonly scheme: string
  affinity: string
  description?: string
  /** Capacity by the path of the group. */
  readonly backends: Map<string, number>
}

/** A change that was accepted: it is carried out when its time has come, and may fail then. */
export interface OperationRecord {
  readonly id: string
  /** `zones/europe-west1-a/operations/operation-1` */
  readonly path: string
  readonly type: string
  readonly target: string
  readonly startedAt: number
  endsAt: number
  isDone: boolean
  /** What Compute says of one that nobody asked for. */
  readonly statusMessage?: string
  failed?: { readonly code: string; readonly message: string; readonly status: number }
}

/** All parts of imago/gcp that the Compute API is asked for. */
export const COMPUTE: readonly GcpFeature[] = [
  'groups',
  'clone',
  'urlMap',
  'regionUrlMap',
  'backendService',
  'regionBackendService',
  'imageFamily',
]

/** An empty project on a world, for whoever may do all that imago/gcp can need. */
export function createProject(world: World, { id = 'web-prod', region = 'europe-west1' } = {}): Project {
  let count = 0n
  const project: Project = {
    world,
    id,
    region,
    images: new Map(),
    templates: new Map(),
    groups: new Map(),
    autoscalers: new Map(),
    urlMaps: new Map(),
    services: new Map(),
    operations: new Map(),
    requests: new Map(),
    failures: new Map(),
    fateOf: () => undefined,
    asOf: () => project,
    held: new Set(),
    isDriven: false,
    policy: gcpPermissions({ features: COMPUTE }),
    asked: new Set(),
    isExpired: false,
    spoils: () => false,
    calls: new Map(),
    mishaps: new Map(),
    silent: new Set(),
    newId: () => String(6_864_121_747_226_459_000n + ++count),
  }
  return project
}

/** The URL of something in a project. */
export function urlOf({ id }: Project, path: string): string {
  return `https://www.googleapis.com/compute/v1/projects/${id}/${path}`
}

/** The full name of a zone of the world. */
export function zoneName({ region }: Project, zone: string): string {
  return `${region}-${zone}`
}
