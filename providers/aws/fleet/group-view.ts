import type { GroupView, HoldView, InstanceView, LaunchFailures, ReleaseId } from '../../../src/core/snapshot.ts'
import { bindingOf } from '../bindings.ts'
import { MARKS, rolloutMarked, tagged } from '../marks.ts'
import { nameOf, type AutoScalingGroup } from './group.ts'

/** What a group's view is put together from. */
export interface GroupParts {
  /** The fleet's id. */
  readonly fleet: string
  readonly group: AutoScalingGroup
  readonly release: ReleaseId
  readonly instances: readonly InstanceView[]
  readonly failures: LaunchFailures
  readonly holds: readonly HoldView[]
}

/** A group as a look shows it. */
export function groupView({ fleet, group, release, instances, failures, holds }: GroupParts): GroupView {
  const maker = tagged(group.Tags, MARKS.rollout)
  const joins = (group.TargetGroupARNs ?? []).map((arn) => bindingOf(nameOfTargetGroup(arn), group.Tags))
  return {
    id: nameOf(group),
    release,
    ...(maker === undefined ? {} : { createdBy: rolloutMarked(fleet, maker) }),
    sizes: sizesOf(group.DesiredCapacity ?? 0, release, instances),
    min: group.MinSize ?? 0,
    max: group.MaxSize ?? 0,
    holds,
    failures,
    instances,
    ...(isPartial(group) ? { partial: true } : {}),
    ...(joins.length === 0 ? {} : { joins }),
  }
}

/** Whether the maker of a clone has not said yet that it has everything. */
export function isPartial(group: AutoScalingGroup): boolean {
  return tagged(group.Tags, MARKS.partial) !== undefined
}

/** A target group's name, which its ARN has in the middle: `…:targetgroup/web/0123456789abcdef`. */
function nameOfTargetGroup(arn: string): string {
  return arn.split('/')[1] ?? arn
}

/** A group has one size: what the instances of other releases leave of it is of the release that is launched. */
export function sizesOf(desired: number, release: ReleaseId, instances: readonly InstanceView[]): Record<ReleaseId, number> {
  const sizes: Record<ReleaseId, number> = {}
  for (const one of instances)
    if (one.release !== release && one.state !== 'terminating') sizes[one.release] = (sizes[one.release] ?? 0) + 1
  const others = Object.values(sizes).reduce((sum, size) => sum + size, 0)
  return { ...sizes, [release]: Math.max(0, desired - others) }
}

/** Whether something is awaited of a group: instances that are missing, too many, or not as they shall be. */
export function isAwaited(group: AutoScalingGroup): boolean {
  const members = group.Instances ?? []
  const settled = members.filter((one) => one.LifecycleState === 'InService' && one.HealthStatus === 'Healthy')
  return settled.length !== members.length || settled.length !== (group.DesiredCapacity ?? 0)
}
