import type { LifecycleState } from '@aws-sdk/client-auto-scaling'
import type { InstanceState } from '../../../src/core/snapshot.ts'

/** What a lifecycle state of Auto Scaling means; `'absent'`: not one of the group's instances (yet, or any more). */
const STATES: Readonly<Record<LifecycleState, InstanceState | 'absent'>> = {
  Pending: 'starting',
  'Pending:Wait': 'starting',
  'Pending:Proceed': 'starting',
  Quarantined: 'unhealthy',
  InService: 'healthy',
  Terminating: 'terminating',
  'Terminating:Wait': 'terminating',
  'Terminating:Proceed': 'terminating',
  'Terminating:Retained': 'terminating',
  Terminated: 'absent',
  Detaching: 'terminating',
  Detached: 'absent',
  EnteringStandby: 'draining',
  Standby: 'unhealthy',
  ReplacingRootVolume: 'unhealthy',
  'ReplacingRootVolume:Wait': 'unhealthy',
  'ReplacingRootVolume:Proceed': 'unhealthy',
  RootVolumeReplaced: 'unhealthy',
  'Warmed:Pending': 'absent',
  'Warmed:Pending:Wait': 'absent',
  'Warmed:Pending:Proceed': 'absent',
  'Warmed:Pending:Retained': 'absent',
  'Warmed:Terminating': 'absent',
  'Warmed:Terminating:Wait': 'absent',
  'Warmed:Terminating:Proceed': 'absent',
  'Warmed:Terminating:Retained': 'absent',
  'Warmed:Terminated': 'absent',
  'Warmed:Stopped': 'absent',
  'Warmed:Running': 'absent',
  'Warmed:Hibernated': 'absent',
}

/** The state of an instance as its group sees it. One that AWS adds is unknown, and never healthy. */
export function stateOf(lifecycle: string | undefined, healthStatus: string | undefined): InstanceState | 'absent' {
  const state = STATES[lifecycle as LifecycleState] ?? 'unknown'
  // In service says that it is registered, the health status whether it is to be replaced: they may contradict each other.
  return state === 'healthy' && healthStatus !== 'Healthy' ? 'unhealthy' : state
}
