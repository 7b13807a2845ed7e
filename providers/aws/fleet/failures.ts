import type { LaunchFailures } from '../../../src/core/snapshot.ts'
import type { Caller } from '../sdk/caller.ts'
import { readPages } from '../sdk/pages.ts'
import type { OutputOf } from '../sdk/services.ts'
import { classOf } from './causes.ts'

type Activity = NonNullable<OutputOf<'autoScaling', 'DescribeScalingActivities'>['Activities']>[number]

/** A group, as far as its activities are concerned. */
export interface ActiveGroup {
  readonly arn: string
  readonly name: string
  /** Whether something is awaited of it: only then is there anything new. */
  readonly awaited: boolean
}

/**
 * Counts what went wrong in groups.
 *
 * Auto Scaling keeps no counter, but a log of activities. What was read of it is remembered, so that a look reads only what is new,
 * and nothing of a group of which nothing is awaited.
 */
export interface FailureCounter {
  count(group: ActiveGroup, signal: AbortSignal): Promise<LaunchFailures>
}

interface Ledger {
  readonly failed: Set<string>
  last: LaunchFailures['last']
  /** Everything that began before has ended, and was counted. */
  openSince: Date | undefined
}

/** Makes a counter that has read nothing yet. */
export function createFailureCounter(caller: Caller): FailureCounter {
  const ledgers = new Map<string, Ledger>()
  return {
    async count({ arn, name, awaited }, signal) {
      const known = ledgers.get(arn)
      const ledger = known ?? { failed: new Set(), last: undefined, openSince: undefined }
      if (known === undefined || awaited) enter(ledger, await readActivities(caller, name, ledger.openSince, signal))
      ledgers.set(arn, ledger)
      return { count: ledger.failed.size, ...(ledger.last === undefined ? {} : { last: ledger.last }) }
    },
  }
}

/** Newest first, as AWS gives them. */
async function readActivities(caller: Caller, group: string, since: Date | undefined, signal: AbortSignal): Promise<Activity[]> {
  const filters = since === undefined ? {} : { Filters: [{ Name: 'StartTimeLowerBound', Values: [since.toISOString()] }] }
  const input = { AutoScalingGroupName: group, MaxRecords: ACTIVITIES_A_PAGE, ...filters }
  const pages = await readPages((next) => caller.call('autoScaling', 'DescribeScalingActivities', { ...input, ...next }, signal))
  return pages.flatMap((page) => page.Activities ?? [])
}

const ACTIVITIES_A_PAGE = 100

function enter(ledger: Ledger, activities: readonly Activity[]): void {
  for (const activity of activities.toReversed()) {
    const { ActivityId: id = '', Description: description = '', StatusMessage: status = '', Cause: cause = '' } = activity
    if (ledger.failed.has(id) || !isFailure(activity)) continue
    ledger.failed.add(id)
    const text = status !== '' ? status : description.includes('Reason') ? description : cause
    ledger.last = { class: classOf(text), message: text }
  }
  const open = activities.filter((one) => one.EndTime === undefined)
  const oldest = [...(open.length > 0 ? open : activities.slice(0, 1))].at(-1)
  if (oldest?.StartTime !== undefined) ledger.openSince = oldest.StartTime
}

/** A launch that failed or was given up, and an instance that was replaced because it was not well: AWS calls that a success. */
function isFailure({ StatusCode: status, Cause: cause = '', Description: description = '' }: Activity): boolean {
  if (status === 'Failed' || status === 'Cancelled') return true
  return description.startsWith('Terminating') && /health[- ]check/i.test(cause)
}
