import type { LifecycleHook, LifecycleHookSpecification } from '@aws-sdk/client-auto-scaling'
import { nameOf, type AutoScalingGroup } from '../fleet/group.ts'
import type { Caller } from '../sdk/caller.ts'
import { settingsOf } from './parts/settings.ts'
import type { Treatments } from './treatment.ts'

/** Every member of a lifecycle hook, and what a clone gets of it. */
export const HOOK: Treatments<LifecycleHook, LifecycleHookSpecification> = {
  AutoScalingGroupName: { does: 'drop', why: 'it is the name of the original' },
  GlobalTimeout: { does: 'drop', why: 'AWS reckons it from the heartbeat' },
  LifecycleHookName: { does: 'copy' },
  LifecycleTransition: { does: 'copy' },
  NotificationTargetARN: { does: 'copy' },
  RoleARN: { does: 'copy' },
  NotificationMetadata: { does: 'copy' },
  HeartbeatTimeout: { does: 'copy' },
  DefaultResult: { does: 'copy' },
}

/** Hooks of a group, as they are given to a clone in the call that makes it: there before its first instance is launched. */
export async function hooksOf(
  caller: Caller,
  group: AutoScalingGroup,
  signal: AbortSignal,
): Promise<LifecycleHookSpecification[]> {
  const of = { AutoScalingGroupName: nameOf(group) }
  const { LifecycleHooks: hooks = [] } = await caller.call('autoScaling', 'DescribeLifecycleHooks', of, signal)
  return settingsOf(hooks, HOOK, (one) => `its hook ${one.LifecycleHookName}`) as LifecycleHookSpecification[]
}
