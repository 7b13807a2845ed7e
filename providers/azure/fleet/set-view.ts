import type { GroupView, InstanceView, LaunchFailures, ReleaseId, UpdateView } from '../../../src/core/snapshot.ts'
import { isFlexible, nameOf, poolsOf, type ScaleSet } from './set.ts'

/** What a set's view is put together from. */
export interface SetParts {
  readonly set: ScaleSet
  readonly release: ReleaseId
  readonly instances: readonly InstanceView[]
  readonly failures: LaunchFailures
  readonly update: UpdateView | undefined
}

/** The most instances that a set can have: those of one placement group, or of several. */
const [ONE_PLACEMENT_GROUP, SEVERAL] = [100, 1_000]

/** A set as a look shows it. It has no bounds but Azure's own, for those of an autoscale setting are not its own. */
export function setView({ set, release, instances, failures, update }: SetParts): GroupView {
  const joins = poolsOf(set)
  return {
    id: nameOf(set),
    release,
    sizes: sizesOf(set.sku?.capacity ?? 0, release, instances),
    min: 0,
    max: set.singlePlacementGroup === true && !isFlexible(set) ? ONE_PLACEMENT_GROUP : SEVERAL,
    holds: [],
    failures,
    instances,
    ...(update === undefined ? {} : { update }),
    ...(joins.length === 0 ? {} : { joins }),
    ...(set.etag === undefined ? {} : { version: set.etag }),
  }
}

/**
 * A set has one size: what the instances of other releases leave of it is of the release that is launched. Those that overprovisioning
 * made beyond it are taken away again, and count for none.
 */
function sizesOf(capacity: number, release: ReleaseId, instances: readonly InstanceView[]): Record<ReleaseId, number> {
  const sizes: Record<ReleaseId, number> = {}
  for (const one of instances)
    if (one.release !== release && one.state !== 'terminating') sizes[one.release] = (sizes[one.release] ?? 0) + 1
  const others = Object.values(sizes).reduce((sum, size) => sum + size, 0)
  return { ...sizes, [release]: Math.max(0, capacity - others) }
}
