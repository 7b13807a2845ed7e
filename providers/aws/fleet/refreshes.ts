import type { ReleaseId, UpdateView } from '../../../src/core/snapshot.ts'
import { keyOf, type TemplateQuery } from '../launch/templates.ts'
import type { Caller } from '../sdk/caller.ts'
import type { OutputOf } from '../sdk/services.ts'

/** An instance refresh as AWS describes it. */
export type InstanceRefresh = NonNullable<OutputOf<'autoScaling', 'DescribeInstanceRefreshes'>['InstanceRefreshes']>[number]

/** What AWS says of a refresh, in the port's words: what is not here has ended. */
const STATES: Readonly<Record<string, UpdateView['state']>> = {
  Pending: 'running',
  InProgress: 'running',
  Baking: 'running',
  RollbackInProgress: 'running',
  Cancelling: 'stopping',
}

/** The latest refreshes of these groups, by group; at most one at a time can be at work on each. */
export async function readRefreshes(
  caller: Caller,
  groups: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, InstanceRefresh>> {
  const read = async (group: string): Promise<[string, InstanceRefresh][]> => {
    const input = { AutoScalingGroupName: group, MaxRecords: 1 }
    const { InstanceRefreshes: found } = await caller.call('autoScaling', 'DescribeInstanceRefreshes', input, signal)
    return found?.[0] === undefined ? [] : [[group, found[0]]]
  }
  return new Map((await Promise.all(groups.map(read))).flat())
}

/** The state of a refresh. */
export function stateOfRefresh({ Status: status }: InstanceRefresh): UpdateView['state'] {
  return STATES[status ?? ''] ?? 'ended'
}

/**
 * The version that a refresh at work replaces instances by, where that is not what its group says: what is launched meanwhile is launched
 * from it too, and the group says so only when it has succeeded.
 */
export function desiredBy(refresh: InstanceRefresh | undefined): TemplateQuery | undefined {
  if (refresh === undefined || stateOfRefresh(refresh) !== 'running' || refresh.Status === 'RollbackInProgress') return undefined
  const { LaunchTemplate: own, MixedInstancesPolicy: mixed } = refresh.DesiredConfiguration ?? {}
  const template = own ?? mixed?.LaunchTemplate?.LaunchTemplateSpecification
  if (template?.LaunchTemplateId === undefined) return undefined
  return { template: template.LaunchTemplateId, version: template.Version ?? '$Default' }
}

/** A refresh as a look shows it, of a group that launches this release. */
export function updateView(refresh: InstanceRefresh, release: ReleaseId): UpdateView {
  const {
    InstanceRefreshId: id = '',
    AutoScalingGroupName: group,
    Status: status,
    StatusReason: reason,
    Strategy: strategy,
  } = refresh
  const state = stateOfRefresh(refresh)
  const done = state === 'ended' ? '' : `, ${refresh.PercentageComplete ?? 0} % done`
  return {
    id,
    state,
    release,
    ...(strategy === 'ReplaceRootVolume' ? { reimages: true } : {}),
    says: `the instance refresh ${id} of ${group}, ${status}${done}${reason === undefined ? '' : `: ${reason}`}`,
  }
}

/** The key of what a group launches while a refresh is at work. */
export function launchedKey(refresh: InstanceRefresh | undefined, own: TemplateQuery): string {
  return keyOf(desiredBy(refresh) ?? own)
}
