import { isRolloutError } from '../../../src/core/errors.ts'
import { nameOf, type AutoScalingGroup } from '../fleet/group.ts'
import type { Region } from '../region.ts'
import type { Caller } from '../sdk/caller.ts'

/** SetInstanceProtection takes no more at once. */
const INSTANCES_A_CALL = 50

/** Protects instances of a group from scale-in, or no longer; those that are as they shall be are left alone. */
async function protect(
  { caller }: Region,
  group: AutoScalingGroup,
  ids: ReadonlySet<string>,
  on: boolean,
  signal: AbortSignal,
): Promise<void> {
  const changing = (group.Instances ?? [])
    .filter((one) => ids.has(one.InstanceId ?? '') && (one.ProtectedFromScaleIn === true) !== on && isThere(one.LifecycleState))
    .flatMap((one) => one.InstanceId ?? [])
  for (let from = 0; from < changing.length; from += INSTANCES_A_CALL)
    await setProtection(caller, nameOf(group), changing.slice(from, from + INSTANCES_A_CALL), on, signal)
}

/** One that is not in service any more has AWS refuse all of them: it is found by halves, and let be, for nobody chooses it either. */
async function setProtection(
  caller: Caller,
  group: string,
  ids: readonly string[],
  on: boolean,
  signal: AbortSignal,
): Promise<void> {
  const input = { AutoScalingGroupName: group, InstanceIds: [...ids], ProtectedFromScaleIn: on }
  try {
    await caller.call('autoScaling', 'SetInstanceProtection', input, signal)
  } catch (error) {
    if (!isRolloutError(error, 'call-failed') || error.facts.class !== 'invalid') throw error
    if (ids.length === 1) return
    const middle = Math.ceil(ids.length / 2)
    await setProtection(caller, group, ids.slice(0, middle), on, signal)
    await setProtection(caller, group, ids.slice(middle), on, signal)
  }
}

/** Everybody but these is protected from scale-in, and so are those to come: whenever a size falls, nobody else can be chosen. */
export async function chooseOnly(
  region: Region,
  group: AutoScalingGroup,
  victims: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<void> {
  await protectNew(region, group, true, signal)
  await protect(region, group, new Set([...membersOf(group)].filter((one) => !victims.has(one))), true, signal)
  await protect(region, group, victims, false, signal)
}

/** Nobody is chosen for its sake any more: all are protected again as their owner wants them. */
export async function chooseFreely(
  region: Region,
  group: AutoScalingGroup,
  guarded: boolean,
  signal: AbortSignal,
): Promise<void> {
  await protectNew(region, group, guarded, signal)
  await protect(region, group, membersOf(group), guarded, signal)
}

/** Protects those to come from scale-in, or no longer. */
export async function protectNew({ caller }: Region, group: AutoScalingGroup, on: boolean, signal: AbortSignal): Promise<void> {
  if ((group.NewInstancesProtectedFromScaleIn === true) === on) return
  const input = { AutoScalingGroupName: nameOf(group), NewInstancesProtectedFromScaleIn: on }
  await caller.call('autoScaling', 'UpdateAutoScalingGroup', input, signal)
}

/** Instances that are not in service yet, and are not protected as they shall be once they are. */
export function startingOtherwise({ Instances: instances = [] }: AutoScalingGroup, guarded: boolean): string[] {
  return instances
    .filter((one) => one.LifecycleState?.startsWith('Pending') === true && (one.ProtectedFromScaleIn === true) !== guarded)
    .flatMap((one) => one.InstanceId ?? [])
}

/** All instances of a group. */
function membersOf(group: AutoScalingGroup): Set<string> {
  return new Set((group.Instances ?? []).flatMap((one) => one.InstanceId ?? []))
}

/** Only instances in service can be protected, or be freed. */
function isThere(lifecycle: string | undefined): boolean {
  return lifecycle === 'InService'
}
