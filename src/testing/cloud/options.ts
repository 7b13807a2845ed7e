import type { FaultOptions } from './faults.ts'

/** A shortest and a longest time; each is drawn between them. */
export type Span = readonly [number, number]

/** A group as its owner made it before any rollout. */
export interface GroupSetUp {
  readonly id: string
  /** An image that the world has. */
  readonly image: string
  readonly size: number
  /** @default 0 */
  readonly min?: number
  /** @default 1000 */
  readonly max?: number
}

/** A fleet as its owner made it. Its machines are there at once, but must boot like any others. */
export interface FleetSetUp {
  /** All the traffic goes to the first one. */
  readonly groups: readonly GroupSetUp[]
  /** The first group is one of two slots: the other one, empty and with a route of its own where there are weights. @default - no slots */
  readonly spare?: string
  /** Name of the first group's route. @default - the group's name */
  readonly binding?: string
}

/** What the router can do and how long it takes. */
export interface RouterSetUp {
  /** Whether it has weights, or only membership. @default true */
  readonly weights?: boolean
  /** What weights sum to. @default 100 */
  readonly units?: number
  /** Whether routes can have a part of the traffic each, or one of them has all. @default true */
  readonly shares?: boolean
  /** @default - that of the cloud */
  readonly conditional?: boolean
  /** Whether a route has an address of its own; `moved`: there is one for all, which leads to the route prepared last. @default true */
  readonly preview?: boolean | 'moved'
  /** Longest time until a new weight is true for requests. @default 0 */
  readonly propagationMs?: number
  /** How long requests under way take to end. @default [0, 0] */
  readonly drainMs?: Span
  /** Whether it says how many requests are under way. @default true */
  readonly countsRequests?: boolean
}

/** An autoscaler on every group. */
export interface AutoscalerSetUp {
  readonly periodMs: number
  /** Whether the cloud says what the autoscaler would like. @default false */
  readonly recommends?: boolean
}

/** What a simulated cloud is like. With the defaults it is perfect and instantaneous but for boot times. */
export interface CloudOptions {
  readonly fleets: readonly FleetSetUp[]
  /** `false`: no router. @default {} */
  readonly router?: RouterSetUp | false
  /** Whether marks are part of their group, which takes one change at a time. @default false */
  readonly marksInGroup?: boolean
  /** Whether writes can name the version they rest on. @default true */
  readonly conditional?: boolean
  /** Whether accepted calls have handles. @default false */
  readonly handles?: boolean
  /** After this a write that was answered is visible to every read: half of it may pass until it lands, half of it reads may lag. @default 0 */
  readonly settleMs?: number
  /** After this a call whose answer was lost can no longer land. @default 60000 */
  readonly lateCallHorizonMs?: number
  /** How long a call takes to be answered. @default [0, 0] */
  readonly latencyMs?: Span
  /** @default - none */
  readonly autoscaler?: AutoscalerSetUp
  /** After this a dead machine is replaced, and a refused launch tried again. @default 5000 */
  readonly healMs?: number
  /** After this a machine that stays unhealthy is replaced. @default 300000 */
  readonly unhealthyMs?: number
  /** How long a machine takes to end. @default [0, 0] */
  readonly terminateMs?: Span
  /** Declared for progress deadlines. @default - three times the longest boot */
  readonly readyDeadlineMs?: number
  /** Declared for draining hooks. @default 300000 */
  readonly drainDeadlineMs?: number
  /** Mutable names, by name the image they stand for now. @default - none */
  readonly aliases?: Readonly<Record<string, string>>
  /** @default - none */
  readonly faults?: FaultOptions
}

/** Options with every default filled in. */
export interface CloudSettings extends Required<Omit<CloudOptions, 'router' | 'autoscaler' | 'faults'>> {
  readonly router: Required<RouterSetUp> | undefined
  readonly autoscaler: Required<AutoscalerSetUp> | undefined
  /** Longest time until an accepted call lands, and that reads lag. */
  readonly landMs: number
  readonly lagMs: number
}

const NO_TIME: Span = [0, 0]

/** Fills in the defaults; `longestBootMs` is the world's. */
export function settingsOf(options: CloudOptions, longestBootMs: number): CloudSettings {
  const { router = {}, autoscaler, settleMs = 0, conditional = true } = options
  const { faults: _faults, ...plain } = options
  return {
    conditional,
    marksInGroup: false,
    handles: false,
    lateCallHorizonMs: 60_000,
    latencyMs: NO_TIME,
    healMs: 5_000,
    unhealthyMs: 300_000,
    terminateMs: NO_TIME,
    readyDeadlineMs: 3 * longestBootMs,
    drainDeadlineMs: 300_000,
    aliases: {},
    ...plain,
    settleMs,
    router: router === false ? undefined : routerSettings(router, conditional),
    autoscaler: autoscaler === undefined ? undefined : { recommends: false, ...autoscaler },
    landMs: Math.floor(settleMs / 2),
    lagMs: Math.floor(settleMs / 2),
  }
}

function routerSettings(router: RouterSetUp, conditional: boolean): Required<RouterSetUp> {
  return {
    weights: true,
    units: 100,
    shares: true,
    conditional,
    preview: true,
    propagationMs: 0,
    drainMs: NO_TIME,
    countsRequests: true,
    ...router,
  }
}
