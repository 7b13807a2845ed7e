import { callFailed, unlessAbsent } from '../../../src/core/errors.ts'
import { targetGroupName } from '../bindings.ts'
import type { Caller } from '../sdk/caller.ts'
import type { OutputOf } from '../sdk/services.ts'

/** A target group as Elastic Load Balancing describes it. */
export type TargetGroup = NonNullable<OutputOf<'elb', 'DescribeTargetGroups'>['TargetGroups']>[number]

/** Tells what an ARN's target group is called and listens on. Only its settings ever change, and whoever copies those reads them anew. */
export interface TargetGroupReader {
  read(arns: readonly string[], signal: AbortSignal): Promise<readonly TargetGroup[]>
}

/** So many are remembered; the oldest are forgotten first. */
const REMEMBERED = 10_000

/** Makes a reader that has read nothing yet. */
export function createTargetGroupReader(caller: Caller): TargetGroupReader {
  const known = new Map<string, TargetGroup>()
  return {
    async read(arns, signal) {
      const strange = arns.filter((arn) => !known.has(arn))
      if (strange.length > 0)
        for (const one of await describeTargetGroups(caller, strange, signal)) {
          known.set(one.TargetGroupArn ?? '', one)
          if (known.size > REMEMBERED) known.delete(known.keys().next().value!)
        }
      return arns.flatMap((arn) => known.get(arn) ?? [])
    },
  }
}

/** Target groups as they are now. */
export async function describeTargetGroups(
  caller: Caller,
  arns: readonly string[],
  signal: AbortSignal,
): Promise<readonly TargetGroup[]> {
  const { TargetGroups: found = [] } = await caller.call('elb', 'DescribeTargetGroups', { TargetGroupArns: [...arns] }, signal)
  return found
}

/** The target group of a route; a name is given once in a region. */
export async function findTargetGroup(caller: Caller, binding: string, signal: AbortSignal): Promise<TargetGroup | undefined> {
  const answer = await caller
    .call('elb', 'DescribeTargetGroups', { Names: [targetGroupName(binding)] }, signal)
    .catch(unlessAbsent)
  return answer?.TargetGroups?.[0]
}

/** The target group of a route that is there. @throws RolloutError `call-failed` of class `not-found`. */
export async function targetGroupArn(caller: Caller, binding: string, signal: AbortSignal): Promise<string> {
  const { TargetGroupArn: arn } = (await findTargetGroup(caller, binding, signal)) ?? {}
  if (arn === undefined) throw callFailed('not-found', 'route', `There is no target group ${binding}; prepare it first.`)
  return arn
}
