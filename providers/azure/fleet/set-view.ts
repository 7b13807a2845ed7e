import type { GroupView, HoldView, InstanceView, LaunchFailures, ReleaseId, UpdateView } from '../../../src/core/snapshot.ts'
import { MARKS, rolloutMarked, tagged } from '../marks.ts'
import { boundsOf, type AutoscaleSetting } from './autoscale.ts'
import { isHeld } from './holds.ts'
import { largestOf, nameOf, poolsOf, type ScaleSet } from './set.ts'

/** What a set's view is put together from. */
export interface SetParts {
  /** The fleet's id. */
  readonly fleet: string
  readonly set: ScaleSet
  /** Whether it is its owner's, pools and all. */
  readonly isSlot: boolean
  readonly holds: readonly HoldView[]
  readonly release: ReleaseId
  readonly instances: readonly InstanceView[]
  readonly failures: LaunchFailures
  readonly update: UpdateView | undefined
  /** @default - nothing scales it */
  readonly autoscale: AutoscaleSetting | undefined
}

/** A set as a look shows it. */
export function setView({ fleet, set, isSlot, holds, release, instances, failures, update, autoscale }: SetParts): GroupView {
  const joins = poolsOf(set, isSlot)
  const maker = tagged(set.tags, MARKS.rollout)
  return {
    id: nameOf(set),
    release,
    ...(maker === undefined ? {} : { createdBy: rolloutMarked(fleet, maker) }),
    sizes: sizesOf(set.sku?.capacity ?? 0, release, instances),
    ...limitsOf(set, holds, autoscale),
    holds,
    failures,
    instances,
    ...(isPartial(set, autoscale) ? { partial: true } : {}),
    ...(update === undefined ? {} : { update }),
    ...(joins.length === 0 ? {} : { joins }),
    ...(set.etag === undefined ? {} : { version: set.etag }),
  }
}

/** Whether a set that is to have an autoscale setting has none yet: its maker ended in between. */
export function isPartial(set: ScaleSet, autoscale: AutoscaleSetting | undefined): boolean {
  return (
    tagged(set.tags, MARKS.autoscaled) !== undefined && tagged(set.tags, MARKS.retiring) === undefined && autoscale === undefined
  )
}

/** The bounds are those of its autoscale setting. Without one nobody but imago sizes it: while that is held its size is its minimum. */
function limitsOf(
  set: ScaleSet,
  holds: readonly HoldView[],
  autoscale: AutoscaleSetting | undefined,
): { readonly min: number; readonly max: number } {
  if (autoscale !== undefined) return boundsOf(autoscale)
  return { min: isHeld(holds) ? (set.sku?.capacity ?? 0) : 0, max: largestOf(set) }
}

/**
 * A set has one size: what the instances of other releases leave of it is of the release that is launched. Those that overprovisioning
 * or an upgrade made beyond it, which are the latest, count for none.
 */
function sizesOf(capacity: number, release: ReleaseId, instances: readonly InstanceView[]): Record<ReleaseId, number> {
  const sizes: Record<ReleaseId, number> = {}
  const others = instances.filter((one) => one.release !== release && one.state !== 'terminating')
  const within = others.toSorted((a, b) => a.launchedAt - b.launchedAt).slice(0, capacity)
  for (const one of within) sizes[one.release] = (sizes[one.release] ?? 0) + 1
  return { ...sizes, [release]: capacity - within.length }
}
