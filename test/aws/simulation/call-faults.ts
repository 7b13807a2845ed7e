import type { Random, Span } from 'imago/testing'
import type { FaultPlan } from '../../../src/testing/cloud/faults.ts'
import { isRead, UNHEARD, type CallFate } from '../wire/fate.ts'
import { Fault } from '../wire/fault.ts'

/** Whatever is late has landed by then: what the adapter declares. */
const LATE_CALL_HORIZON_MS = 60_000
/** A line that is cut is cut within this; every fifth is left open, and it is the caller who lets go. */
const LONGEST_CUT_MS = 5_000

/** What becomes of each call: how long it travels, and the numbers of the faults that may happen to it. */
export function callFates(
  faults: FaultPlan,
  latencyMs: Span,
  chance: Random,
): (service: string, action: string) => CallFate | undefined {
  const travel = () => (latencyMs[1] === 0 ? undefined : { travelsMs: chance.whole(...latencyMs) })
  return (service, action) => {
    if (faults.happens(1)) return { refused: throttled(service) }
    if (isRead(action)) return faults.happens(7) ? { refused: failed() } : travel()
    if (/^Delete(AutoScalingGroup|TargetGroup)$/.test(action) && faults.happens(39))
      return { refused: new Fault('ResourceInUse', 'Something depends on it.') }
    return loss(faults) ?? travel()
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
