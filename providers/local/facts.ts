import type { ProviderFacts, RouterFacts } from '../../src/core/snapshot.ts'
import type { LaunchSettings } from './launch/settings.ts'
import { CALL_EXPIRES_MS } from './protocol.ts'

/** Weights are percent. */
export const WEIGHT_UNITS = 100

/** The daemon refuses what it did not begin in time; the rest is for the one it was just beginning. */
const LATE_CALL_HORIZON_MS = CALL_EXPIRES_MS + 1_000

/** No launch setting says how long a job may take; a fleet that knows better says so. */
const DRAIN_DEADLINE_MS = 300_000

/** What a fleet of processes can do; its times follow from its own launch settings. */
export function providerFacts(settings: readonly LaunchSettings[]): ProviderFacts {
  const slowest = Math.max(...settings.map((one) => one.health.startupMs))
  return {
    clone: { can: true },
    slots: { can: false, why: 'no infrastructure code owns groups of the local cloud', instead: 'clone or in place' },
    inPlace: { can: true },
    native: { can: false, why: 'the local daemon has no updater of its own' },
    conditional: { can: true },
    autoscaled: false,
    settleMs: 0,
    lateCallHorizonMs: LATE_CALL_HORIZON_MS,
    autoscalerPeriodMs: 0,
    readyDeadlineMs: slowest,
    drainDeadlineMs: DRAIN_DEADLINE_MS,
    usualBootMs: Math.min(slowest, 1_000),
    health: settings.some((one) => one.health.path !== undefined) ? ['http'] : ['running'],
  }
}

/** What the balancer can do. A weight is answered for when the balancer has it, so it is true at once. */
export const routerFacts: RouterFacts = {
  weights: { can: true },
  units: WEIGHT_UNITS,
  conditional: { can: true },
  preview: { can: true },
  settleMs: 0,
  lateCallHorizonMs: LATE_CALL_HORIZON_MS,
  propagationMs: 0,
  drainDeadlineMs: 30_000,
  health: ['balancer'],
}
