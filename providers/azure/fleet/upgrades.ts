import { unlessAbsent } from '../../../src/core/errors.ts'
import type { RollingUpgradeStatusInfo } from '@azure/arm-compute'
import type { HoldView, Release, UpdateView } from '../../../src/core/snapshot.ts'
import { releaseId } from '../launch/release.ts'
import type { ResourceGroup } from '../resource-group.ts'
import type { Member } from './member.ts'
import { nameOf, type ScaleSet } from './set.ts'
import { isTurned, noteOf, reimagedIn } from './upgrade-note.ts'

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

/** The state of a rolling upgrade. */
export function stateOfUpgrade({ runningStatus: running }: RollingUpgradeStatusInfo): UpdateView['state'] {
  const state = STATES[running?.code ?? ''] ?? 'running'
  return state === 'running' && running?.lastAction === 'Cancel' ? 'stopping' : state
}

/** Whether an upgrade that imago set to work is at it: then every write of the set but of its size would begin it anew. */
export function isAtWork(set: ScaleSet, upgrade: RollingUpgradeStatusInfo | undefined): boolean {
  return isTurned(set) && upgrade !== undefined && stateOfUpgrade(upgrade) !== 'ended'
}

/** The same of a set whose upgrade has not been read. */
export async function upgrades(group: ResourceGroup, set: ScaleSet, signal: AbortSignal): Promise<boolean> {
  return isTurned(set) && isAtWork(set, await readUpgrade(group, set, signal))
}

/** How long a mark is seen to hold that nobody can renew just now. */
const IN_FORCE_MS = 3_600_000

/** Marks of a set as they are in force: while an upgrade of imago's is at work they cannot be written, and do not run out. */
export function inForce(holds: readonly HoldView[], isUpgrading: boolean, now: number): readonly HoldView[] {
  if (!isUpgrading) return holds
  return holds.map((one) => ({ ...one, expiresAt: Math.max(one.expiresAt, now + IN_FORCE_MS) }))
}

/** What an upgrade is seen by. */
export interface Upgraded {
  readonly set: ScaleSet
  /** What it launches. */
  readonly launched: Release
  /** Names of those that it re-imaged. */
  readonly reimaged: readonly string[]
}

/** A rolling upgrade as a look shows it. It goes by what the set launches, and has no name but its beginning. */
export function upgradeView({ set, launched, reimaged }: Upgraded, upgrade: RollingUpgradeStatusInfo): UpdateView {
  const { runningStatus: running, progress, policy, error } = upgrade
  const since = running?.startTime?.toISOString() ?? 'an unknown time'
  const { successfulInstanceCount: done = 0, failedInstanceCount: failed = 0 } = progress ?? {}
  const { inProgressInstanceCount: under = 0, pendingInstanceCount: pending = 0 } = progress ?? {}
  const why = error?.message === undefined ? '' : `: ${error.message}`
  const instead = reimaged.length === 0 ? '' : `; it has re-imaged ${reimaged.join(', ')} instead of replacing`
  return {
    id: `${nameOf(set)}@${since}`,
    state: stateOfUpgrade(upgrade),
    // A machine that was re-imaged was launched from something else: whoever waits for the release is not served by that.
    release: reimaged.length === 0 ? launched.id : releaseId(launched.image, `re-imaged ${launched.launch}`),
    // Without surge it writes a new disk for a running instance; with it, it does so when the quota is short.
    ...(policy?.maxSurge === true && reimaged.length === 0 ? {} : { reimages: true as const }),
    says: `the rolling upgrade of ${nameOf(set)} since ${since}, ${running?.code ?? 'in no state'}, ${done} done, ${failed} failed, ${under} under way, ${pending} to come${why}${instead}`,
  }
}

/** Names of those that an upgrade of imago's has re-imaged. @param running those that run what the set launches. */
export function reimagedBy(set: ScaleSet, running: readonly Member[]): readonly string[] {
  const note = noteOf(set)
  return note === undefined ? [] : reimagedIn(note, running).map((one) => one.name)
}
