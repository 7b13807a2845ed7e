import type { Tag } from '../marks.ts'
import type { Caller } from '../sdk/caller.ts'
import { gathering } from '../sdk/gathering.ts'

/** Reads the tags of listeners and target groups, by ARN; those of several fleets in one call. */
export interface TagReader {
  read(arns: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, readonly Tag[]>>
}

/** DescribeTags takes no more resources at once. */
const RESOURCES_A_CALL = 20

/** The tags of some resources, with whose they are. */
export async function describeTags(caller: Caller, arns: readonly string[], signal: AbortSignal, reserved = false) {
  const { TagDescriptions: found = [] } = await caller.call('elb', 'DescribeTags', { ResourceArns: [...arns] }, signal, {
    reserved,
  })
  return found
}

/** Makes a reader. */
export function createTagReader(caller: Caller): TagReader {
  const gathered = gathering(RESOURCES_A_CALL, {
    reserve: (signal) => caller.reserve('elb', 'DescribeTags', signal),
    read: (arns, signal, reserved) => describeTags(caller, arns, signal, reserved),
  })
  return {
    async read(arns, signal) {
      const tags = new Map<string, readonly Tag[]>()
      for (let from = 0; from < arns.length; from += RESOURCES_A_CALL) {
        const some = arns.slice(from, from + RESOURCES_A_CALL)
        for (const { ResourceArn: arn = '', Tags: read = [] } of await gathered(some, signal))
          if (some.includes(arn)) tags.set(arn, read)
      }
      return tags
    },
  }
}
