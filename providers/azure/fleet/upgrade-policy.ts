import type { UpdateRequest } from '../../../src/core/ports.ts'
import { isFlexible, type ScaleSet } from './set.ts'
import type { WrittenPolicy } from './upgrade-note.ts'

/** Azure takes no smaller share of a set as a batch. */
const LEAST_PERCENT = 5
/** How long it waits where it is to wait: imago stops it long before. */
const WAITS = 'PT1H'
/** Where the first batch may be smaller than what it is to wait after: long enough for a look between two of them. */
const PAUSES = 'PT1M'

/** The fewest instances that Azure replaces at once in a set of a size. */
export function leastSurge(size: number): number {
  return Math.max(1, Math.ceil((size * LEAST_PERCENT) / 100))
}

/**
 * What Azure is told, which counts a batch in percent of the size, rounded so that it is never larger than the budget. Whether what it
 * launched is well the rollout judges too; what was ill before is no reason not to replace it.
 *
 * @param room machines that the quotas leave. @default - as many as are asked for
 */
export function policyFor(set: ScaleSet, { maxSurge, upTo }: UpdateRequest, room = Infinity): WrittenPolicy {
  const size = set.sku?.capacity ?? 0
  const batch = Math.min(maxSurge, upTo ?? maxSurge, room)
  const percent = size === 0 ? 100 : Math.min(100, Math.max(LEAST_PERCENT, Math.floor((100 * batch) / size)))
  const surely = Math.max(1, Math.floor((size * percent) / 100))
  return {
    maxBatchInstancePercent: percent,
    maxUnhealthyInstancePercent: 100,
    maxUnhealthyUpgradedInstancePercent: 0,
    pauseTimeBetweenBatches: upTo === undefined ? 'PT0S' : surely >= upTo ? WAITS : PAUSES,
    prioritizeUnhealthyInstances: true,
    // Flexible sets do not know it; elsewhere the way back is imago's.
    ...(isFlexible(set) ? {} : { rollbackFailedInstancesOnPolicyBreach: false }),
    maxSurge: true,
  }
}

/** Whether a set is told this already: a batch may be smaller, as the quotas left it. */
export function isTold({ upgradePolicy }: ScaleSet, policy: WrittenPolicy): boolean {
  const { mode, rollingUpgradePolicy: told = {} } = upgradePolicy ?? {}
  const { maxBatchInstancePercent: most = 0, ...others } = policy
  const same = (Object.keys(others) as (keyof typeof others)[]).every((key) => told[key] === others[key])
  return mode === 'Rolling' && same && (told.maxBatchInstancePercent ?? Infinity) <= most
}
