import type { Tag } from '../marks.ts'
import type { Caller } from '../sdk/caller.ts'

/** DescribeTags takes no more resources at once. */
const RESOURCES_A_CALL = 20

/** The tags of listeners and target groups, by ARN. */
export async function readTags(
  caller: Caller,
  arns: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, readonly Tag[]>> {
  const tags = new Map<string, readonly Tag[]>()
  for (let from = 0; from < arns.length; from += RESOURCES_A_CALL) {
    const input = { ResourceArns: arns.slice(from, from + RESOURCES_A_CALL) }
    const { TagDescriptions: found = [] } = await caller.call('elb', 'DescribeTags', input, signal)
    for (const { ResourceArn: arn = '', Tags: read = [] } of found) tags.set(arn, read)
  }
  return tags
}
