import type { ProviderFacts } from '../../../src/core/snapshot.ts'
import type { AutoScalingGroup } from './group.ts'

/** Describe calls may show the world as it was a little before. */
export const SETTLE_MS = 10_000
/** A call that was sent is carried out or refused by then; the SDK's signature alone would let it be accepted for 15 minutes. */
const LATE_CALL_HORIZON_MS = 60_000
/** CloudWatch judges target tracking by minutes. */
const AUTOSCALER_PERIOD_MS = 60_000
const READY_DEADLINE_MS = 15 * 60_000
const DRAIN_DEADLINE_MS = 15 * 60_000
const USUAL_BOOT_MS = 2 * 60_000

/** What a fleet of these groups can do. */
export function providerFacts(groups: readonly AutoScalingGroup[]): ProviderFacts {
  const graceMs = Math.max(0, ...groups.map((one) => (one.HealthCheckGracePeriod ?? 0) * 1_000))
  return {
    clone: { can: true },
    slots: { can: true },
    inPlace: { can: true },
    native: { can: true },
    conditional: { can: false, why: 'Auto Scaling has no conditional writes' },
    autoscaled: true,
    settleMs: SETTLE_MS,
    lateCallHorizonMs: LATE_CALL_HORIZON_MS,
    autoscalerPeriodMs: AUTOSCALER_PERIOD_MS,
    readyDeadlineMs: READY_DEADLINE_MS + graceMs,
    drainDeadlineMs: DRAIN_DEADLINE_MS,
    usualBootMs: USUAL_BOOT_MS,
    // In service says that a machine is there and registered, and nothing about what runs on it: only the router and probes see that.
    health: [],
  }
}
