import { rolloutError } from '../../../src/core/errors.ts'
import type { OutputOf } from '../sdk/services.ts'

/** A group as Auto Scaling describes it. */
export type AutoScalingGroup = NonNullable<OutputOf<'autoScaling', 'DescribeAutoScalingGroups'>['AutoScalingGroups']>[number]

/** The name of a group. @throws RolloutError `host-unfit` for an answer without one, which AWS never gives. */
export function nameOf(group: AutoScalingGroup): string {
  const { AutoScalingGroupName: name } = group
  if (name === undefined) throw rolloutError('host-unfit', 'Auto Scaling described a group without a name.', { why: 'no name' })
  return name
}
