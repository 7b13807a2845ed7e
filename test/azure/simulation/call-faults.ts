import type { Calls } from '../../kit/playground/call-faults.ts'
import { rememberPast } from '../../kit/wire/past.ts'
import type { Account } from '../wire/account.ts'
import { Fault } from '../wire/fault.ts'

/** Whatever is late has been accepted by then: what the adapter declares. */
const LATE_CALL_HORIZON_MS = 60_000
/** Every look shows what was answered so long before: what the adapter declares. */
const SETTLE_MS = 10_000
/** What lists of instances are answered from. */
const BOOKS = ['sets', 'cards', 'balancers', 'profiles'] as const
/** A resource is read from where it is written, and has an entity tag; lists of machines, and how these are, come from elsewhere and later. */
const LAGGING = /^(?:virtualMachines|virtualMachineScaleSetVMs)\.list$|\.getInstanceView$/

/** Azure's calls, and how it refuses them. */
export function callsOf(account: Account): Calls<Account> {
  return {
    cloud: account,
    latestMs: LATE_CALL_HORIZON_MS,
    settleMs: SETTLE_MS,
    // A machine is in the books, as it was.
    remember: (keepMs) => rememberPast(account, BOOKS, () => [], keepMs),
    // What has not changed in between is the same object.
    isSame: (one, other) => one.sets === other.sets,
    mayLag: (action) => LAGGING.test(action),
    mayBeBlocked: (action) => action === 'virtualMachineScaleSets.delete',
    throttled: () => new Fault(429, 'TooManyRequests', 'Number of write requests exceeded the limit. Please try again later.'),
    failed: () => new Fault(503, 'ServiceUnavailable', 'The service is unavailable now, please retry later.'),
    blocked: () => new Fault(409, 'OperationNotAllowed', 'The scale set is in use by another resource and cannot be deleted.'),
  }
}
