import { unlessAbsent } from '../../../src/core/errors.ts'
import type { RollingUpgradeStatusInfo } from '@azure/arm-compute'
import type { ReleaseId, UpdateView } from '../../../src/core/snapshot.ts'
import type { ResourceGroup } from '../resource-group.ts'
import { nameOf, type ScaleSet } from './set.ts'

/** The rolling upgrade of a set that is at work, or was the last; `undefined` when none ever was. */
export async function readUpgrade(
  { caller, name }: ResourceGroup,
  set: ScaleSet,
  signal: AbortSignal,
): Promise<RollingUpgradeStatusInfo | undefined> {
  return await caller
    .call({ name: 'virtualMachineScaleSetRollingUpgrades.getLatest', signal }, (client, options) =>
      client.virtualMachineScaleSetRollingUpgrades.getLatest(name, nameOf(set), options),
    )
    .catch(unlessAbsent)
}

/** What a running status means. One that Azure adds is taken for work under way, which nobody disturbs. */
const STATES: Readonly<Record<string, UpdateView['state']>> = {
  RollingForward: 'running',
  RollingBack: 'running',
  Cancelled: 'ended',
  Completed: 'ended',
  Faulted: 'ended',
}

/** A rolling upgrade as a look shows it. It goes by what the set launches, and has no name but its beginning. */
export function upgradeView(set: ScaleSet, upgrade: RollingUpgradeStatusInfo, release: ReleaseId): UpdateView {
  const { runningStatus: running, progress, policy, error } = upgrade
  const code = running?.code ?? 'in no state'
  const state = STATES[code] ?? 'running'
  const since = running?.startTime?.toISOString() ?? 'an unknown time'
  const { successfulInstanceCount: done = 0, failedInstanceCount: failed = 0 } = progress ?? {}
  const { inProgressInstanceCount: under = 0, pendingInstanceCount: pending = 0 } = progress ?? {}
  const why = error?.message === undefined ? '' : `: ${error.message}`
  return {
    id: `${nameOf(set)}@${since}`,
    state: state === 'running' && running?.lastAction === 'Cancel' ? 'stopping' : state,
    release,
    // Without surge it writes a new disk for a running instance; with it, it does so when the quota is short.
    ...(policy?.maxSurge === true ? {} : { reimages: true as const }),
    says: `the rolling upgrade of ${nameOf(set)} since ${since}, ${code}, ${done} done, ${failed} failed, ${under} under way, ${pending} to come${why}`,
  }
}
