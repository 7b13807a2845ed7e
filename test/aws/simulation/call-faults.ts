import type { Calls } from '../../kit/playground/call-faults.ts'
import type { Account } from '../wire/account.ts'
import { Fault } from '../wire/fault.ts'
import { rememberAccount } from '../wire/reads.ts'

/** Whatever is late has landed by then: what the adapter declares. */
const LATE_CALL_HORIZON_MS = 60_000
/** Every look shows what was answered so long before: what the adapter declares. */
const SETTLE_MS = 10_000

/** AWS's calls, and how it refuses them. */
export function callsOf(account: Account): Calls<Account> {
  return {
    cloud: account,
    latestMs: LATE_CALL_HORIZON_MS,
    settleMs: SETTLE_MS,
    remember: (keepMs) => rememberAccount(account, keepMs),
    // What has not changed in between is the same object.
    isSame: (one, other) => one.groups === other.groups,
    mayLag: () => true,
    mayBeBlocked: (action) => /^Delete(AutoScalingGroup|TargetGroup)$/.test(action),
    throttled: (service) =>
      service === 'ec2'
        ? new Fault('RequestLimitExceeded', 'Request limit exceeded.', 503)
        : new Fault('Throttling', 'Rate exceeded'),
    failed: () => new Fault('InternalFailure', 'An internal error has occurred', 500),
    blocked: () => new Fault('ResourceInUse', 'Something depends on it.'),
  }
}
