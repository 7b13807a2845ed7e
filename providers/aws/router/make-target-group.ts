import { callFailed } from '../../../src/core/errors.ts'
import { bindingTags, targetGroupName } from '../bindings.ts'
import { TARGET_GROUP } from '../clone/target-group-table.ts'
import { treat } from '../clone/treatment.ts'
import { MARKS, tagged } from '../marks.ts'
import type { Caller } from '../sdk/caller.ts'
import { mostUsed, type Routes } from './read-routes.ts'
import { describeTags } from './tags.ts'
import { describeTargetGroups, findTargetGroup } from './target-groups.ts'

/**
 * The target group of a name, made now or begun before, with the settings and attributes of the one that has most of the traffic.
 *
 * @throws RolloutError `call-failed` of class `conflict` when somebody else has one of that name, and `invalid` when it cannot be cloned.
 */
export async function ensureTargetGroup(
  caller: Caller,
  { mark, routes }: Routes,
  name: string,
  signal: AbortSignal,
): Promise<string> {
  const begun = await findOwned(caller, name, mark, signal)
  if (begun?.own === false)
    throw callFailed(
      'conflict',
      'prepare',
      `There is a target group ${name} without the mark of this fleet: it is somebody else's.`,
    )
  const like = mostUsed(routes)
  const from = { TargetGroupArn: like?.group?.TargetGroupArn ?? '' }
  const [original = {}] = await describeTargetGroups(caller, [from.TargetGroupArn], signal)
  const { settings, refusals } = treat(original, TARGET_GROUP)
  if (refusals.length > 0) {
    const reasons = refusals.map(({ member, why }) => `${member}: ${why}`).join('; ')
    throw callFailed('invalid', 'prepare', `The target group ${like?.name} cannot be cloned: ${reasons}.`)
  }
  const named = { Name: targetGroupName(name), Tags: [{ Key: MARKS.fleet, Value: mark }, ...bindingTags(name)] }
  const arn = begun?.arn ?? (await create(caller, { ...settings, ...named }, signal))
  const { Attributes: attributes = [] } = await caller.call('elb', 'DescribeTargetGroupAttributes', from, signal)
  await caller.call('elb', 'ModifyTargetGroupAttributes', { TargetGroupArn: arn, Attributes: attributes }, signal)
  return arn
}

/** The target group of a name, and whether it is the fleet's own. */
export async function findOwned(
  caller: Caller,
  name: string,
  mark: string,
  signal: AbortSignal,
): Promise<{ readonly arn: string; readonly own: boolean } | undefined> {
  const { TargetGroupArn: arn } = (await findTargetGroup(caller, name, signal)) ?? {}
  if (arn === undefined) return undefined
  const [described] = await describeTags(caller, [arn], signal)
  return { arn, own: tagged(described?.Tags, MARKS.fleet) === mark }
}

async function create(
  caller: Caller,
  input: Parameters<typeof caller.call<'elb', 'CreateTargetGroup'>>[2],
  signal: AbortSignal,
): Promise<string> {
  const { TargetGroups: made } = await caller.call('elb', 'CreateTargetGroup', input, signal)
  return made?.[0]?.TargetGroupArn ?? ''
}
