import {
  clone,
  createImago,
  type Check,
  type Clock,
  type Fleet,
  type FleetProvider,
  type FleetSpec,
  type Imago,
  type Logger,
  type MetricSource,
  type Placement,
  type RolloutStore,
  type TrafficRouter,
} from 'imago'
import { worldSystem } from 'imago/testing'
import type { Ground } from './ground.ts'

/** How one process declares itself and the fleet, each part of which a test may exchange. */
export interface ProcessSetUp {
  /** How other controllers see it. @default 'process 1', 'process 2' … */
  readonly controller?: string
  /** Of the fleet. @default 'web' */
  readonly name?: string
  /** @default - cloned from `web` */
  readonly groups?: Placement
  readonly spec?: Pick<FleetSpec, 'health' | 'drain' | 'floor'>
  readonly checks?: Readonly<Record<string, Check>>
  readonly metrics?: Readonly<Record<string, MetricSource>>
  /** Calls that are not the cloud's. */
  readonly provider?: Partial<FleetProvider>
  /** Calls that are not the cloud's. */
  readonly router?: Partial<TrafficRouter<{ weights: boolean }>>
  /** @default - the one that all processes of the site share */
  readonly store?: RolloutStore
  /** @default - the world's */
  readonly clock?: Clock
  /** @default - none */
  readonly log?: Logger
  /** @default 10000 */
  readonly lookInterval?: number
}

/** A process, and its handle on the fleet. */
export interface Process {
  readonly imago: Imago
  readonly fleet: Fleet
}

/** What `createImago` needs on a site, and nothing more. */
export function processOn({ world, cloud, store }: Ground, controller: string, clock?: Clock) {
  const user = 'ada'
  const system = worldSystem(world, controller, clock === undefined ? { user } : { user, clock })
  return { store, providers: { cloud: cloud.provider }, system, lookInterval: 10_000 }
}

/** Starts a process and declares the fleet in it. */
export function startProcess(ground: Ground, setUp: ProcessSetUp & { readonly controller: string }): Process {
  const { controller, clock, name = 'web', groups = clone({ adopt: 'web' }), spec, provider, router, ...given } = setUp
  const { cloud } = ground
  const imago: Imago = createImago({
    checks: {},
    ...processOn(ground, controller, clock),
    ...given,
    providers: { cloud: { ...cloud.provider, ...provider } },
  })
  const traffic = cloud.router === undefined ? {} : { traffic: { ...cloud.router, ...router } }
  return { imago, fleet: imago.fleet(name, { provider: 'cloud', groups, ...traffic, ...spec }) }
}
