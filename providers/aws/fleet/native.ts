import type { Caller } from '../sdk/caller.ts'

/** What an instance refresh's status says while it goes on. */
const ACTIVE = new Set(['Pending', 'InProgress', 'Cancelling', 'RollbackInProgress', 'Baking'])

/** An instance refresh that runs on one of these groups, in AWS's words; at most one at a time can run on each. */
export async function foreignWork(caller: Caller, groups: readonly string[], signal: AbortSignal): Promise<string | undefined> {
  const refreshes = await Promise.all(
    groups.map(async (group) => {
      const input = { AutoScalingGroupName: group, MaxRecords: 1 }
      const { InstanceRefreshes: found } = await caller.call('autoScaling', 'DescribeInstanceRefreshes', input, signal)
      return found?.[0]
    }),
  )
  const active = refreshes.find((one) => ACTIVE.has(one?.Status ?? ''))
  if (active === undefined) return undefined
  const { InstanceRefreshId: id, AutoScalingGroupName: group, Status: status, PercentageComplete: done = 0 } = active
  return `the instance refresh ${id} of ${group}, ${status}, ${done} % done`
}
