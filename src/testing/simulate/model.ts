import type { DrainSpec, FleetSpec } from '../../core/fleet-spec.ts'
import type { Plan } from '../../core/plan.ts'
import type { Count } from '../../core/shape.ts'
import { strategyOf } from '../../strategies/by-name.ts'
import type { Strategy } from '../../strategies/strategy.ts'
import type { CloudOptions } from '../cloud/index.ts'
import type { ImageBehaviour } from '../world/index.ts'

/** The fleet that is rolled, and how. */
export interface SimulatedSpec {
  readonly size: number
  readonly groups: FleetSpec['groups']
  readonly floor: Count
  readonly strategy: Strategy
  /** What an instance must do before it is removed. @default - leave its routes */
  readonly drain?: DrainSpec
  /** Whether somebody keeps a group of their own in the fleet, without traffic. @default false */
  readonly bystander?: boolean
}

/** What a person does to a rollout, or to the fleet behind its back; or the world to what a person rolls back to. */
export interface Meddling {
  readonly atMs: number
  readonly kind:
    | 'pause'
    | 'abort'
    | 'rollback'
    /** As soon as something was condemned: the latest second thoughts there can be. */
    | 'rollback-late'
    | 'promote'
    | 'resize'
    | 'set-weights'
    | 'delete-candidate'
    | 'delete-stable'
    | 'start-another'
    | 'sicken-stable'
}

/** What goes wrong around a rollout; the faults of the cloud itself are the cloud's. Shares are chances at each occasion. */
export interface Trouble {
  /** A controller dies before or after a call. */
  readonly deaths: number
  /** A controller stands still for minutes after a call, and goes on as if nothing had been. */
  readonly freezes: number
  /** The store is away, or does not know what became of a write. */
  readonly store: number
  /** What is read from the store is damaged, or of a newer format, for a while. */
  readonly damage: number
  /** Checks and hooks hang, fail, or say no. */
  readonly hooks: number
  /** The store's clock and the processes' own clocks jump. */
  readonly clockJumps: boolean
  /** The store is lost this long after the start. @default - never */
  readonly storeLostAtMs?: number
  readonly meddling: readonly Meddling[]
  /** All of it ends this long after the start. */
  readonly lastsMs: number
}

/** Nothing goes wrong. */
export const CALM: Trouble = Object.freeze({
  deaths: 0,
  freezes: 0,
  store: 0,
  damage: 0,
  hooks: 0,
  clockJumps: false,
  meddling: [],
  lastsMs: 0,
})

/** The world that a rollout is simulated in. The same seed gives the same run, to the last byte. */
export interface Model {
  readonly seed: number
  /** What the new image does. */
  readonly behaviour: ImageBehaviour
  readonly cloud: Omit<CloudOptions, 'fleets'>
  /** Shortest and longest time that machines boot. */
  readonly bootMs: readonly [number, number]
  readonly controllers: number
  /** Demand as a share of what the size serves, over time since the start; only with an autoscaler. */
  readonly demand: (sinceMs: number) => number
  readonly trouble: Trouble
}

/** What is simulated, and where. */
export interface Scenario {
  readonly spec: SimulatedSpec
  readonly model: Model
}

/** The fleet and the strategy of a plan, to be tried in a simulated world. */
export function specOf(plan: Plan): SimulatedSpec {
  return { size: plan.recorded.size, groups: plan.fleet.placement, floor: plan.floor, strategy: strategyOf(plan) }
}
