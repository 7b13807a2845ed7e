import type { TargetHealthStateEnum } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { RoutedInstance } from '../../../src/core/snapshot.ts'
import type { Caller } from '../sdk/caller.ts'

/** What a target's state means for requests. */
const STATES: Readonly<Record<TargetHealthStateEnum, RoutedInstance['state']>> = {
  healthy: 'in',
  initial: 'out',
  unhealthy: 'out',
  unused: 'out',
  draining: 'draining',
  'unhealthy.draining': 'draining',
  unavailable: 'unknown',
}

/** How a target group sees its instances; one that is in several takes the state that its traffic depends on most. */
export async function readTargets(caller: Caller, groupArn: string, signal: AbortSignal): Promise<[string, RoutedInstance][]> {
  const { TargetHealthDescriptions: found = [] } = await caller.call(
    'elb',
    'DescribeTargetHealth',
    { TargetGroupArn: groupArn },
    signal,
  )
  return found.map(({ Target: target, TargetHealth: health }) => {
    const reason = [health?.Reason, health?.Description].filter((one) => one !== undefined).join(': ')
    const state = STATES[health?.State as TargetHealthStateEnum] ?? 'unknown'
    return [target?.Id ?? '', { state, ...(reason === '' ? {} : { reason }) }]
  })
}
