import type { AutoScalingGroup } from '../../fleet/group.ts'
import { REBALANCING, stopsRebalancing } from '../../fleet/holds.ts'
import type { Part } from './part.ts'

type Process = NonNullable<AutoScalingGroup['SuspendedProcesses']>[number]

/** What a clone could not do without these. */
const NEEDED: Readonly<Record<string, string>> = {
  Launch: 'nothing could be launched in a clone',
  Terminate: 'nothing could be taken out of a clone',
  AddToLoadBalancer: 'no instance of a clone would be registered',
}
/** AWS has done away with it, and refuses its name. */
const GONE = 'RemoveFromLoadBalancerLowPriority'

/** Processes that the group's owner has suspended. */
export const processes: Part = {
  obstacles: async ({ group }) =>
    suspendedBy(group).flatMap((name) =>
      name in NEEDED ? [`its process ${name} is suspended: ${NEEDED[name]}; resume it`] : [],
    ),

  async copy({ caller, group, clone, signal }) {
    const names = suspendedBy(group)
    if (names.length === 0) return
    await caller.call('autoScaling', 'SuspendProcesses', { AutoScalingGroupName: clone, ScalingProcesses: names }, signal)
  },
}

/** What AWS suspended after failures is no setting, and what a rollout holds it gives back. */
function suspendedBy(group: AutoScalingGroup): string[] {
  return (group.SuspendedProcesses ?? []).flatMap(({ ProcessName: name = '', SuspensionReason: reason }: Process) =>
    name === GONE || (name === REBALANCING && stopsRebalancing(group.Tags)) || /administrative/i.test(reason ?? '') ? [] : [name],
  )
}
