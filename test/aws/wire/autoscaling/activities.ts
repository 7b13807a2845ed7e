import type { Account, ActivityRecord, GroupRecord } from '../account.ts'

/** Something that a group does begins. */
export function begin(account: Account, group: GroupRecord, description: string, cause: string): ActivityRecord {
  const activity: ActivityRecord = {
    id: account.newId('activity'),
    description,
    cause,
    startedAt: account.world.now,
    status: 'InProgress',
  }
  group.activities.unshift(activity)
  return activity
}

/** It has ended. */
export function finish(account: Account, activity: ActivityRecord, status: string, message?: string): void {
  activity.status = status
  activity.endedAt = account.world.now
  if (message !== undefined) activity.message = message
}
