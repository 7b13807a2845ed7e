import { callFailed } from '../../../src/core/errors.ts'
import type { Caller } from '../sdk/caller.ts'
import { ifThere } from '../sdk/failures.ts'
import type { OutputOf } from '../sdk/services.ts'

/** A target group as Elastic Load Balancing describes it. */
export type TargetGroup = NonNullable<OutputOf<'elb', 'DescribeTargetGroups'>['TargetGroups']>[number]

/** The target group of a name; a name is given once in a region. */
export async function findTargetGroup(caller: Caller, name: string, signal: AbortSignal): Promise<TargetGroup | undefined> {
  const answer = await ifThere(caller.call('elb', 'DescribeTargetGroups', { Names: [name] }, signal))
  return answer?.TargetGroups?.[0]
}

/** The target group of a route, which has its name. @throws RolloutError `call-failed` of class `not-found`. */
export async function targetGroupArn(caller: Caller, binding: string, signal: AbortSignal): Promise<string> {
  const { TargetGroupArn: arn } = (await findTargetGroup(caller, binding, signal)) ?? {}
  if (arn === undefined) throw callFailed('not-found', 'route', `There is no target group ${binding}; prepare it first.`)
  return arn
}
