import type { Random, Span } from 'imago/testing'
import type { FaultPlan } from '../../../src/testing/cloud/faults.ts'
import type { Account } from '../wire/account.ts'
import { UNHEARD, type CallFate } from '../../kit/wire/fate.ts'
import { isRead, rememberAccount } from '../wire/reads.ts'
import { Fault } from '../wire/fault.ts'

/** Whatever is late has landed by then: what the adapter declares. */
const LATE_CALL_HORIZON_MS = 60_000
/** A line that is cut is cut within this; every fifth is left open, and it is the caller who lets go. */
const LONGEST_CUT_MS = 5_000
/** Every look shows what was answered so long before: what the adapter declares. */
const SETTLE_MS = 10_000

/** What becomes of each call: how long it travels, and the numbers of the faults that may happen to it. */
export function callFates(
  account: Account,
  faults: FaultPlan,
  latencyMs: Span,
  chance: Random,
): (service: string, action: string) => CallFate | undefined {
  const travel = () => ({ travelsMs: latencyMs[1] === 0 ? 0 : chance.whole(...latencyMs) })
  const lag = lags(account, faults)
  return (service, action) => {
    if (faults.happens(1)) return { refused: throttled(service) }
    if (isRead(action)) return faults.happens(7) ? { refused: failed() } : lag(action, travel())
    if (/^Delete(AutoScalingGroup|TargetGroup)$/.test(action) && faults.happens(39))
      return { refused: new Fault('ResourceInUse', 'Something depends on it.') }
    return loss(faults) ?? travel()
  }
}

/** Has some reads answered from a copy that lags; one may be older than what the same call has shown before. */
function lags(account: Account, faults: FaultPlan): (action: string, fate: { readonly travelsMs: number }) => CallFate {
  const { world } = account
  const shown = new Map<string, number>()
  if (faults.kinds.has(5)) rememberAccount(account, SETTLE_MS)
  return (action, fate) => {
    const arrivesAt = world.now + fate.travelsMs / 2
    const before = shown.get(action) ?? 0
    const wanted = faults.draws(5) ? arrivesAt - faults.chance(5).whole(1, SETTLE_MS) : arrivesAt
    const moment = faults.draws(6) ? wanted : Math.max(wanted, before)
    shown.set(action, moment)
    const then = account.asOf(moment)
    if (then !== account) faults.count(5)
    // What has not changed in between is the same object.
    if (moment < before && then.groups !== account.asOf(before).groups) faults.count(6)
    return { ...fate, lagsMs: arrivesAt - moment }
  }
}

function loss(faults: FaultPlan): CallFate | undefined {
  if (faults.happens(2)) return faults.chance(2).chance(0.5) ? { refused: failed() } : unheard(faults, 2, [])
  if (faults.happens(3)) return UNHEARD
  if (!faults.happens(4)) return undefined
  const chance = faults.chance(4)
  const late = chance.whole(0, LATE_CALL_HORIZON_MS)
  return unheard(faults, 4, chance.chance(0.5) ? [late] : [chance.whole(0, late), late])
}

function unheard(faults: FaultPlan, fault: number, landsAfterMs: readonly number[]): CallFate {
  const chance = faults.chance(fault)
  return { landsAfterMs, cutAfterMs: chance.chance(0.2) ? undefined : chance.whole(0, LONGEST_CUT_MS) }
}

function throttled(service: string): Fault {
  return service === 'ec2'
    ? new Fault('RequestLimitExceeded', 'Request limit exceeded.', 503)
    : new Fault('Throttling', 'Rate exceeded')
}

function failed(): Fault {
  return new Fault('InternalFailure', 'An internal error has occurred', 500)
}
