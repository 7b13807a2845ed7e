import { callFailed } from '../../../src/core/errors.ts'
import type { Region } from '../region.ts'

/** The target group of a route, which has its name. @throws RolloutError `call-failed` of class `not-found`. */
export async function targetGroupArn(region: Region, binding: string, signal: AbortSignal): Promise<string> {
  const { TargetGroups: found } = await region.caller.call('elb', 'DescribeTargetGroups', { Names: [binding] }, signal)
  const arn = found?.[0]?.TargetGroupArn
  if (arn === undefined) throw callFailed('not-found', 'route', `There is no target group ${binding}; prepare it first.`)
  return arn
}
