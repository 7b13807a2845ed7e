import type { Account, GroupRecord } from '../account.ts'
import { validation } from '../fault.ts'
import { flag, parts, text, type Input } from '../protocol/query.ts'
import type { Output } from '../protocol/xml.ts'

/** Tags of groups. */
export const tags: Readonly<Record<string, (account: Account, input: Input) => Output>> = {
  CreateOrUpdateTags(account, input) {
    for (const tag of parts(input, 'Tags') ?? []) writeTags(taggedGroup(account, tag), [tag])
    return {}
  },
  DeleteTags(account, input) {
    for (const tag of parts(input, 'Tags') ?? []) taggedGroup(account, tag).tags.delete(text(tag, 'Key') ?? '')
    return {}
  },
}

/** Writes tags onto a group. */
export function writeTags(group: GroupRecord, written: readonly Input[]): void {
  for (const tag of written) {
    const [key, value] = [text(tag, 'Key') ?? '', text(tag, 'Value') ?? '']
    if (key.startsWith('aws:')) throw validation("Tag keys starting with 'aws:' are reserved for system use")
    if (key.length > 128 || value.length > 256)
      throw validation('A tag has at most 128 characters in its key and 256 in its value.')
    if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(value))
      throw validation(`The tag value ${value} has characters that are not allowed.`)
    group.tags.set(key, { value, propagate: flag(tag, 'PropagateAtLaunch') ?? false })
  }
  if (group.tags.size > 50) throw validation('The maximum number of tags for an Auto Scaling group is 50.')
}

function taggedGroup(account: Account, tag: Input): GroupRecord {
  const group = account.groups.get(text(tag, 'ResourceId') ?? '')
  if (group === undefined) throw validation(`AutoScalingGroup name not found - no such group: ${text(tag, 'ResourceId')}`)
  return group
}
