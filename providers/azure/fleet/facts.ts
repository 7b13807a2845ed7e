import type { ProviderFacts } from '../../../src/core/snapshot.ts'
import { healthSourceOf, type ScaleSet } from './set.ts'

/** What was written shows in the lists of a set a little later. */
const SETTLE_MS = 10_000
/** Azure's front door gives up on a request after a minute; what it took by then is under way. */
const LATE_CALL_HORIZON_MS = 60_000
/** Autoscale settings are judged by the minute. */
const AUTOSCALER_PERIOD_MS = 60_000
/** Genuine scale sets take two to four minutes, and have been seen to need most of an hour. */
const READY_DEADLINE_MS = 60 * 60_000
const DRAIN_DEADLINE_MS = 15 * 60_000
const USUAL_BOOT_MS = 133_000

/** What a fleet of these sets can do. @param autoscaled whether an autoscale setting is in force for one of them. */
export function providerFacts(sets: readonly ScaleSet[], autoscaled: boolean): ProviderFacts {
  const sources = sets.map(healthSourceOf)
  const known = sources.filter((one) => one !== undefined)
  return {
    clone: { can: true },
    slots: { can: true },
    inPlace: { can: true },
    native: {
      can: false,
      why: 'rolling upgrades of scale sets are seen, and not set to work',
      instead: 'a rolling by the engine, which replaces instances and never re-images them',
    },
    conditional: { can: true },
    autoscaled,
    settleMs: SETTLE_MS,
    lateCallHorizonMs: LATE_CALL_HORIZON_MS,
    autoscalerPeriodMs: autoscaled ? AUTOSCALER_PERIOD_MS : 0,
    readyDeadlineMs: READY_DEADLINE_MS,
    drainDeadlineMs: DRAIN_DEADLINE_MS,
    usualBootMs: USUAL_BOOT_MS,
    // A set without one says no more than that its machines run: then only a probe of the fleet's knows.
    health: known.length === sets.length ? [...new Set(known)] : [],
  }
}
