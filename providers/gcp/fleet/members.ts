import type { ManagedInstance } from '../sdk/resources.ts'
import type { Where } from '../where.ts'

/** Whether an instance is on the way out. */
export function isLeaving({ currentAction = '' }: ManagedInstance): boolean {
  return currentAction === 'DELETING' || currentAction === 'ABANDONING'
}

/** The instances of a group as it lists them. */
export function readMembers(
  { caller, project, location, kind }: Where,
  group: string,
  signal: AbortSignal,
): Promise<readonly ManagedInstance[]> {
  const request = { project, instanceGroupManager: group }
  return kind === 'zone'
    ? caller.list('instanceGroupManagers.listManagedInstances', { ...request, zone: location }, signal)
    : caller.list('regionInstanceGroupManagers.listManagedInstances', { ...request, region: location }, signal)
}
