import { MARKS, tagged } from '../marks.ts'
import { createBucket } from '../sdk/bucket.ts'
import type { Caller } from '../sdk/caller.ts'
import type { AwsClock } from '../sdk/clock.ts'
import { gathering } from '../sdk/gathering.ts'
import { readPages } from '../sdk/pages.ts'
import type { InputOf } from '../sdk/services.ts'
import type { AutoScalingGroup } from './group.ts'

/**
 * Reads groups. What is asked for side by side, by whichever rollout of whichever imago, is read together: Auto Scaling throttles an
 * account at a few calls a second. Every answer was read after it was asked for.
 */
export interface GroupReader {
  /** The groups that bear a fleet's mark. */
  marked(mark: string, signal: AbortSignal): Promise<readonly AutoScalingGroup[]>
  /** Those that bear the mark of any fleet: asked by itself, for it is seldom wanted. */
  allMarked(signal: AbortSignal): Promise<readonly AutoScalingGroup[]>
  /** Those of these names that are there. */
  named(names: readonly string[], signal: AbortSignal): Promise<readonly AutoScalingGroup[]>
}

type Query = InputOf<'autoScaling', 'DescribeAutoScalingGroups'>

/** Auto Scaling describes no more in one page, and takes no more names. */
const GROUPS_A_PAGE = 100
/** A fleet has two groups while it is rolled: so many fill a page. */
const MARKS_A_CALL = 50

/** Twenty reads in ten seconds, from one look to the next: a fleet alone never waits, and of many the more look, the more share a read. */
const PACE = { most: 6, perSecond: 1.4 }

/** Makes a reader that has read nothing yet. */
export function createGroupReader(caller: Caller, clock: AwsClock): GroupReader {
  const pace = createBucket(clock, PACE)
  const reserve = async (signal: AbortSignal) => {
    await pace.take(signal)
    await caller.reserve('autoScaling', 'DescribeAutoScalingGroups', signal)
  }
  const read = async (query: Query, signal: AbortSignal, reserved: boolean) => {
    const pages = await readPages((next) => {
      const input = { ...query, MaxRecords: GROUPS_A_PAGE, ...next }
      const isFirst = next.NextToken === undefined
      return caller.call('autoScaling', 'DescribeAutoScalingGroups', input, signal, { reserved: reserved && isFirst })
    })
    return pages.flatMap((page) => page.AutoScalingGroups ?? [])
  }
  const marks = gathering(MARKS_A_CALL, {
    reserve,
    read: (values, ...rest) => read({ Filters: [{ Name: `tag:${MARKS.fleet}`, Values: [...values] }] }, ...rest),
  })
  const names = gathering(GROUPS_A_PAGE, {
    reserve,
    read: (values, ...rest) => read({ AutoScalingGroupNames: [...values] }, ...rest),
  })
  return {
    async marked(mark, signal) {
      const found = await marks([mark], signal)
      return found.filter((one) => tagged(one.Tags, MARKS.fleet) === mark)
    },
    async allMarked(signal) {
      return await read({ Filters: [{ Name: 'tag-key', Values: [MARKS.fleet] }] }, signal, false)
    },
    async named(wanted, signal) {
      const found = await names(wanted, signal)
      return found.filter((one) => wanted.includes(one.AutoScalingGroupName ?? ''))
    },
  }
}
