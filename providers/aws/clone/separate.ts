import type { LifecycleHookSpecification } from '@aws-sdk/client-auto-scaling'
import { nameOf, type AutoScalingGroup } from '../fleet/groups.ts'
import type { Region } from '../region.ts'
import { GROUP, type NewGroup } from './group-table.ts'
import { treat } from './treatment.ts'

/**
 * Why a group cannot be cloned: settings that no clone can have, and what belongs to it and is described by calls of its own. What a
 * clone would silently go without is refused.
 */
export async function cloneObstacles({ caller }: Region, group: AutoScalingGroup, signal: AbortSignal): Promise<string[]> {
  const name = nameOf(group)
  const of = { AutoScalingGroupName: name }
  const [policies, scheduled, notified] = await Promise.all([
    caller.call('autoScaling', 'DescribePolicies', of, signal),
    caller.call('autoScaling', 'DescribeScheduledActions', of, signal),
    caller.call('autoScaling', 'DescribeNotificationConfigurations', { AutoScalingGroupNames: [name] }, signal),
  ])
  const parts = {
    'scaling policies': (policies.ScalingPolicies ?? []).map((one) => one.PolicyName),
    'scheduled actions': (scheduled.ScheduledUpdateGroupActions ?? []).map((one) => one.ScheduledActionName),
    notifications: (notified.NotificationConfigurations ?? []).map((one) => one.NotificationType),
    'collected metrics': (group.EnabledMetrics ?? []).map((one) => one.Metric),
    'suspended processes': (group.SuspendedProcesses ?? []).flatMap((one) => suspendedByOwner(one) ?? []),
    'a warm pool': group.WarmPoolConfiguration === undefined ? [] : [group.WarmPoolConfiguration.PoolState],
  }
  return [
    ...treat<AutoScalingGroup, NewGroup>(group, GROUP).refusals.map(
      ({ member, why }) => `${name} cannot be cloned: ${member}: ${why}`,
    ),
    ...Object.entries(parts)
      .filter(([, found]) => found.length > 0)
      .map(
        ([what, found]) => `${name} cannot be cloned: its clone would go without ${what} (${found.join(', ')}); roll it in place`,
      ),
  ]
}

/** What AWS suspended after failures is no setting, and what imago holds it gives back. */
function suspendedByOwner({
  ProcessName: process = '',
  SuspensionReason: reason = '',
}: NonNullable<AutoScalingGroup['SuspendedProcesses']>[number]) {
  return process === 'AZRebalance' || /administrative/i.test(reason) ? undefined : process
}

/** Hooks of a group, as they are given to a clone: there before its first instance is launched. */
export async function hooksOf(
  { caller }: Region,
  group: AutoScalingGroup,
  signal: AbortSignal,
): Promise<LifecycleHookSpecification[]> {
  const of = { AutoScalingGroupName: nameOf(group) }
  const { LifecycleHooks: hooks = [] } = await caller.call('autoScaling', 'DescribeLifecycleHooks', of, signal)
  return hooks.map(
    ({ AutoScalingGroupName: _group, GlobalTimeout: _computed, LifecycleHookName, LifecycleTransition, ...settings }) => ({
      ...settings,
      LifecycleHookName,
      LifecycleTransition,
    }),
  )
}
