import type { AutoScalingGroup } from '../../fleet/group.ts'
import type { Caller } from '../../sdk/caller.ts'

/** A group that is to be cloned. */
export interface Original {
  readonly caller: Caller
  readonly group: AutoScalingGroup
  /** Epoch milliseconds: what is over is not made again. */
  readonly now: number
  readonly signal: AbortSignal
}

/** A clone that is there, and is to have what its original has. */
export interface Copying extends Original {
  /** The clone's name. */
  readonly clone: string
  /** Target groups by the ones that stand in their place, by ARN. */
  readonly targetGroups: ReadonlyMap<string, string>
}

/** Something that belongs to a group and has calls of its own. What is made twice is there once. */
export interface Part {
  /** Why no clone can have it, one sentence each; empty when it can. Reads only. */
  obstacles(original: Original): Promise<readonly string[]>
  copy(copying: Copying): Promise<void>
}
