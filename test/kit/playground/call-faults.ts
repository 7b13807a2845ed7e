import type { Random, Span } from 'imago/testing'
import type { FaultPlan } from '../../../src/testing/cloud/faults.ts'
import { UNHEARD, type CallFate } from '../wire/fate.ts'
import type { Served } from '../wire/carry-out.ts'

/** A line that is cut is cut within this; every fifth is left open, and it is the caller who lets go. */
const LONGEST_CUT_MS = 5_000

/** A cloud's calls, and how it refuses them. */
export interface Calls<Cloud> {
  readonly cloud: Served<Cloud>
  /** Whatever is late has been accepted by then. */
  readonly latestMs: number
  /** Every look shows what was answered so long before: what the adapter declares. */
  readonly settleMs: number
  /** Has it remember how it was, for so long. */
  remember(keepMs: number): void
  /** Whether two moments of it, read of, would show the same. */
  isSame(one: Cloud, other: Cloud): boolean
  /** Whether a call is answered from a copy that may lag. */
  mayLag(action: string): boolean
  /** Whether a call deletes what something may depend on. */
  mayBeBlocked(action: string): boolean
  throttled(service: string): Error
  failed(): Error
  blocked(): Error
}

/** A call that is to be made. */
export interface Asked {
  readonly service: string
  readonly action: string
  readonly isRead: boolean
}

/** What becomes of each call: how long it travels, and the numbers of the faults that may happen to it. */
export function callFates<Cloud>(
  calls: Calls<Cloud>,
  faults: FaultPlan,
  latencyMs: Span,
  chance: Random,
): (asked: Asked) => CallFate | undefined {
  const travel = () => ({ travelsMs: latencyMs[1] === 0 ? 0 : chance.whole(...latencyMs) })
  const lag = lags(calls, faults)
  return ({ service, action, isRead }) => {
    if (faults.happens(1)) return { refused: calls.throttled(service) }
    if (isRead && faults.happens(7)) return { refused: calls.failed() }
    if (isRead) return calls.mayLag(action) ? lag(action, travel()) : travel()
    if (calls.mayBeBlocked(action) && faults.happens(39)) return { refused: calls.blocked() }
    return loss(calls, faults) ?? travel()
  }
}

/** Has some reads answered from a copy that lags; one may be older than what the same call has shown before. */
function lags<Cloud>({ cloud, settleMs, remember, isSame }: Calls<Cloud>, faults: FaultPlan) {
  const shown = new Map<string, number>()
  if (faults.kinds.has(5)) remember(settleMs)
  return (action: string, fate: { readonly travelsMs: number }): CallFate => {
    const arrivesAt = cloud.world.now + fate.travelsMs / 2
    const before = shown.get(action) ?? 0
    const wanted = faults.draws(5) ? arrivesAt - faults.chance(5).whole(1, settleMs) : arrivesAt
    const moment = faults.draws(6) ? wanted : Math.max(wanted, before)
    shown.set(action, moment)
    const then = cloud.asOf(moment)
    if (!isSame(then, cloud.asOf(arrivesAt))) faults.count(5)
    if (moment < before && !isSame(then, cloud.asOf(before))) faults.count(6)
    return { ...fate, lagsMs: arrivesAt - moment }
  }
}

function loss<Cloud>({ latestMs, failed }: Calls<Cloud>, faults: FaultPlan): CallFate | undefined {
  if (faults.happens(2)) return faults.chance(2).chance(0.5) ? { refused: failed() } : unheard(faults, 2, [])
  if (faults.happens(3)) return UNHEARD
  if (!faults.happens(4)) return undefined
  const chance = faults.chance(4)
  const late = chance.whole(0, latestMs)
  return unheard(faults, 4, chance.chance(0.5) ? [late] : [chance.whole(0, late), late])
}

function unheard(faults: FaultPlan, fault: number, landsAfterMs: readonly number[]): CallFate {
  const chance = faults.chance(fault)
  return { landsAfterMs, cutAfterMs: chance.chance(0.2) ? undefined : chance.whole(0, LONGEST_CUT_MS) }
}
