import type { FleetRecord, GroupRecord, InstanceRecord, RouteRecord } from './records.ts'
import type { Severed, Site } from './site.ts'

/** An instance, as it really is. */
export type TrueInstance = Readonly<InstanceRecord>
/** A group, as it really is. */
export type TrueGroup = Readonly<Omit<GroupRecord, 'fleet' | 'fields' | 'views' | 'look' | 'instances'>> & {
  readonly fleet: TrueFleet
  readonly instances: readonly TrueInstance[]
}
/** A route, as it really is. */
export type TrueRoute = Readonly<Omit<RouteRecord, 'groups'>> & { readonly groups: ReadonlyMap<string, ReadonlySet<string>> }
/** A fleet, as it really is. */
export interface TrueFleet {
  readonly id: string
  readonly groups: ReadonlyMap<string, TrueGroup>
  readonly routes: ReadonlyMap<string, TrueRoute>
  readonly releases: FleetRecord['releases']
  /** The route that the preview for all routes leads to. @default - it leads to none, or there is no such preview */
  readonly previewed?: string | undefined
}

/** What checkers read. These are the cloud's own books: what is read now is true now, and changes as the world does. */
export interface Truth {
  /** Grows with every change: the same number, the same truth. */
  readonly version: number
  readonly fleets: ReadonlyMap<string, TrueFleet>
  /** Every group of every fleet. */
  readonly groups: ReadonlyMap<string, TrueGroup>
  /** Instances that were terminated, not crashed, with requests under way; grows. */
  readonly severed: readonly Severed[]
  /** Weights as requests see them, by binding. */
  weights(fleet: string): Readonly<Record<string, number>>
}

/** The truth of a simulated cloud. */
export function createTruth({ world, fleets, groups, severed }: Site): Truth {
  return {
    get version() {
      return world.version
    },
    fleets,
    groups,
    severed,
    weights(id) {
      const weights: Record<string, number> = {}
      for (const route of fleets.get(id)?.routes.values() ?? []) weights[route.binding] = route.inForce
      return weights
    },
  }
}
