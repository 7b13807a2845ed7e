import type { Can, ProviderFacts, UpdaterLimits } from '../../../src/core/snapshot.ts'
import type { Manager } from '../sdk/resources.ts'
import { nameOf } from './groups.ts'

/** Compute Engine shows a change once its operation is done; an instance and its health a little later. */
const SETTLE_MS = 10_000
/** A request that was sent is carried out or refused by then. */
const LATE_CALL_HORIZON_MS = 60_000
/** The autoscaler looks once a minute. */
const AUTOSCALER_PERIOD_MS = 60_000
const READY_DEADLINE_MS = 15 * 60_000
const DRAIN_DEADLINE_MS = 15 * 60_000
const USUAL_BOOT_MS = 60_000

/** The one source of health that a group may have itself: the health check by which it repairs its instances. */
const HEALTH = 'the health check of its autohealing'

/** What a fleet of these groups can do. */
export function providerFacts(groups: readonly Manager[]): ProviderFacts {
  const placed = placeable(groups)
  const autoscaled = groups.some((one) => (one.status?.autoscaler ?? '') !== '')
  const delaysMs = groups.map(initialDelayMs)
  return {
    clone: placed,
    slots: placed,
    inPlace: placed.can ? replaceable(groups) : placed,
    native: placed.can ? updatable(groups) : placed,
    updater: updaterLimits(groups),
    conditional: { can: true },
    marksInGroup: true,
    autoscaled,
    settleMs: SETTLE_MS,
    lateCallHorizonMs: LATE_CALL_HORIZON_MS,
    autoscalerPeriodMs: autoscaled ? AUTOSCALER_PERIOD_MS : 0,
    readyDeadlineMs: READY_DEADLINE_MS + Math.max(0, ...delaysMs),
    drainDeadlineMs: DRAIN_DEADLINE_MS,
    usualBootMs: USUAL_BOOT_MS,
    health: groups.length > 0 && groups.every(isHealthChecked) ? [HEALTH] : [],
  }
}

/** Whether a group asks its instances for themselves; where it does not, running is all that it knows of them. */
export function isHealthChecked({ autoHealingPolicies: [policy] = [] }: Manager): boolean {
  return (policy?.healthCheck ?? '') !== ''
}

/** How long a group leaves an instance alone before its health counts. */
function initialDelayMs({ autoHealingPolicies: [{ initialDelaySec: delay = 0 } = {}] = [] }: Manager): number {
  return delay * 1_000
}

/** The instances of a stateful group cannot be replaced by others: something of each is to outlive it. */
function placeable(groups: readonly Manager[]): Can {
  const stateful = groups.find((one) => one.status?.stateful?.hasStatefulConfig === true)
  if (stateful === undefined) return { can: true }
  const why = `${nameOf(stateful)} is stateful: it keeps disks, addresses or metadata of single instances, which replacing them would part from it`
  return { can: false, why, instead: 'a group without a stateful policy and per-instance configurations' }
}

/** Instances of two releases stand side by side only where repairing one leaves it the release that it has. */
function replaceable(groups: readonly Manager[]): Can {
  const forced = groups.find((one) => one.instanceLifecyclePolicy?.forceUpdateOnRepair === 'YES')
  if (forced === undefined) return { can: true }
  const why = `${nameOf(forced)} updates an instance whenever it repairs it (forceUpdateOnRepair), whoever chose its release`
  return { can: false, why, instead: 'clone({ adopt })' }
}

/** Launching from another template replaces an instance: where that is too much, the updater does nothing, and says nothing. */
function updatable(groups: readonly Manager[]): Can {
  const bound = groups.find((one) => (one.updatePolicy?.mostDisruptiveAllowedAction ?? 'REPLACE') !== 'REPLACE')
  if (bound === undefined) return { can: true }
  const why = `${nameOf(bound)} lets its updater do no more than ${bound.updatePolicy?.mostDisruptiveAllowedAction} (mostDisruptiveAllowedAction), and it would replace nothing`
  return { can: false, why, instead: "'engine', or a group whose updater may REPLACE" }
}

/** Google's rule for groups of a region; and in v1 of the API an instance counts as soon as it is well. */
function updaterLimits(groups: readonly Manager[]): UpdaterLimits {
  const count = Math.max(0, ...groups.map((one) => one.distributionPolicy?.zones?.length ?? 0))
  const why = `a managed instance group of a region takes 0 or at least the number of its zones (${count}) for both`
  const soak: Can = { can: false, why: 'the updater of a managed instance group does not wait once an instance is well' }
  return { ...(count > 1 ? { least: { count, why } } : {}), soak }
}
