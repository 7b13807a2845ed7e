import type { InstanceState } from '../../../src/core/snapshot.ts'
import type { ManagedInstance } from '../sdk/resources.ts'

/** What the action that a group has under way with an instance means; `'as it is'`: its status and its health say more. */
const ACTIONS: Readonly<Record<string, InstanceState | 'as it is'>> = {
  NONE: 'as it is',
  REFRESHING: 'as it is',
  CREATING: 'starting',
  CREATING_WITHOUT_RETRIES: 'starting',
  RECREATING: 'starting',
  STARTING: 'starting',
  RESUMING: 'starting',
  VERIFYING: 'starting',
  RESTARTING: 'unhealthy',
  STOPPING: 'unhealthy',
  SUSPENDING: 'unhealthy',
  DELETING: 'terminating',
  ABANDONING: 'terminating',
}

/** What the status of a machine means; `'as it is'`: it runs, and its health says more. */
const STATUSES: Readonly<Record<string, InstanceState | 'as it is'>> = {
  RUNNING: 'as it is',
  PENDING: 'starting',
  PROVISIONING: 'starting',
  STAGING: 'starting',
  REPAIRING: 'unhealthy',
  STOPPED: 'unhealthy',
  SUSPENDED: 'unhealthy',
  SUSPENDING: 'unhealthy',
  TERMINATED: 'unhealthy',
  PENDING_STOP: 'terminating',
  STOPPING: 'terminating',
  DEPROVISIONING: 'terminating',
}

/** What a health check says, the worst first: an instance that several see is as well as the worst of them says. */
const HEALTH: readonly (readonly [string, InstanceState])[] = [
  ['UNHEALTHY', 'unhealthy'],
  ['TIMEOUT', 'unhealthy'],
  ['DRAINING', 'draining'],
  ['UNKNOWN', 'unknown'],
  ['HEALTHY', 'healthy'],
]

/** What an instance is to become, where that is not to run; `'absent'`: it waits in the standby pool, beside the group's size. */
const TARGETS: Readonly<Record<string, InstanceState | 'absent'>> = {
  DELETED: 'terminating',
  ABANDONED: 'terminating',
  STOPPED: 'absent',
  SUSPENDED: 'absent',
}

/**
 * The state of an instance as its group sees it. What Google adds is unknown, and never healthy.
 *
 * @param isChecked whether the group has a health check; without one an instance that runs is all that it can say.
 */
export function stateOf(one: ManagedInstance, isChecked: boolean): InstanceState | 'absent' {
  const target = TARGETS[one.targetStatus ?? '']
  if (target !== undefined) return target
  const action = ACTIONS[one.currentAction ?? ''] ?? 'unknown'
  if (action !== 'as it is') return action
  const status = STATUSES[one.instanceStatus ?? ''] ?? 'unknown'
  if (status !== 'as it is') return status
  return isChecked ? healthOf(one) : 'healthy'
}

/** @returns `unknown` for an instance that no check has seen yet, and for a word that is not in the table. */
function healthOf({ instanceHealth = [] }: ManagedInstance): InstanceState {
  const said = instanceHealth.map((one) => one.detailedHealthState ?? '')
  if (said.some((word) => HEALTH.every(([known]) => known !== word))) return 'unknown'
  return HEALTH.find(([word]) => said.includes(word))?.[1] ?? 'unknown'
}
