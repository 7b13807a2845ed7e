import type { Account, Body, MemberRecord, SetRecord, UpgradeRecord } from './account.ts'
import { begin, type Begun } from './begin.ts'
import { converge, imageOf, reimage, staying } from './converge.ts'
import { Fault } from './fault.ts'
import { dismiss } from './leaving.ts'
import { pauseMs, upgradePolicyOf } from './upgrade-policy.ts'

/** How often an upgrade looks at its set. */
const PERIOD_MS = 5_000
/** So long what a batch has made may take to be well. */
const PATIENCE_MS = 10 * 60_000

/** What a set has written of it has consequences: in Rolling mode an upgrade begins, in Automatic mode all is re-imaged at once. */
export function afterWrite(account: Account, set: SetRecord, modeBefore: string): void {
  const { mode } = upgradePolicyOf(set.model.properties)
  if (mode === 'Automatic') for (const one of outdated(set)) reimage(account, set, one)
  if (mode !== 'Rolling' || (modeBefore !== 'Rolling' && !account.upgradesWithMode)) return
  beginUpgrade(account, set)
}

/** Begins an upgrade, in the stead of one that is at work. */
function beginUpgrade(account: Account, set: SetRecord): void {
  if (outdated(set).length === 0) return
  // What another has launched beyond the size goes with it.
  if (set.rolling?.code === 'RollingForward' && set.rolling.batch !== undefined) drop(account, set, set.rolling.batch)
  const { now } = account.world
  const { policy } = upgradePolicyOf(set.model.properties)
  const upgrade: UpgradeRecord = {
    policy,
    startedAt: now,
    code: 'RollingForward',
    lastAction: 'Start',
    lastActionAt: now,
    done: 0,
    failed: 0,
    batch: undefined,
    pausedUntil: 0,
    error: undefined,
  }
  set.rolling = upgrade
  watch(account, set, upgrade)
}

function watch(account: Account, set: SetRecord, upgrade: UpgradeRecord): void {
  const { world } = account
  world.schedule(
    world.now + PERIOD_MS,
    () => {
      if (set.rolling !== upgrade || set.provisioningState === 'Deleting') return
      step(account, set, upgrade)
      if (upgrade.code === 'RollingForward') watch(account, set, upgrade)
    },
    { kind: 'updater', name: set.name },
  )
}

function step(account: Account, set: SetRecord, upgrade: UpgradeRecord): void {
  if (upgrade.batch !== undefined) return finish(account, set, upgrade, upgrade.batch)
  const { policy, lastAction } = upgrade
  if (lastAction === 'Cancel') return void (upgrade.code = 'Cancelled')
  if (account.world.now < upgrade.pausedUntil) return
  if (outdated(set).length === 0) return void (upgrade.code = 'Completed')
  const all = staying(set)
  if (shareOf(all.filter(isIll), all) > policy.maxUnhealthyInstancePercent)
    return fault(upgrade, 'MaxUnhealthyInstancePercentExceededBeforeRollingUpgrade', 'too many instances are unhealthy')
  upgrade.batch = launchBatch(account, set, upgrade)
}

/** Launches others beside those of a batch; where the quota is short these are re-imaged, and nothing is said of it. */
function launchBatch(account: Account, set: SetRecord, { policy }: UpgradeRecord): NonNullable<UpgradeRecord['batch']> {
  const { capacity } = set.model.sku
  const left = outdated(set)
  const order = policy.prioritizeUnhealthyInstances ? left.toSorted((a, b) => Number(isIll(b)) - Number(isIll(a))) : left
  const old = order.slice(0, Math.max(1, Math.floor((capacity * policy.maxBatchInstancePercent) / 100)))
  const since = account.world.now
  // Those that an earlier one launched beyond the size, and that are well, serve in the stead of as many.
  const extra = Math.max(0, staying(set).length - capacity)
  const spare = Math.min(extra, staying(set).filter((one) => one.edit === set.edits && isWell(one)).length)
  const needed = Math.max(0, old.length - spare)
  if (policy.maxSurge && needed <= roomIn(account))
    return { old, made: converge(account, set, extra + needed), since, before: [] }
  return { old: [], made: old.map((one) => reimage(account, set, one)), since, before: old.map((one) => one.image) }
}

/** What the subscription may have beyond what there is. */
function roomIn({ quota = Infinity, sets }: Account): number {
  return quota - [...sets.values()].reduce((sum, one) => sum + one.members.length, 0)
}

/** Deletes those of a batch whose stead others are well in; one that was cancelled leaves as they are who never will be. */
function finish(account: Account, set: SetRecord, upgrade: UpgradeRecord, batch: NonNullable<UpgradeRecord['batch']>): void {
  const { policy, lastAction } = upgrade
  const { old, made, since } = batch
  const there = made.filter((one) => set.members.includes(one))
  if (there.some(isBooting) && account.world.now - since < PATIENCE_MS) return
  const well = there.filter(isWell)
  if (lastAction === 'Cancel' && well.length < there.length) {
    dismiss(account, set, old.slice(0, well.length))
    leaveIll(account, set, batch)
    return void (upgrade.code = 'Cancelled')
  }
  const ill = there.length - well.length
  const upgraded = staying(set).filter((one) => one.edit === set.edits)
  if (
    shareOf(
      upgraded.filter((one) => !isWell(one)),
      upgraded,
    ) > policy.maxUnhealthyUpgradedInstancePercent &&
    ill > 0
  ) {
    upgrade.failed += ill
    if (policy.rollbackFailedInstancesOnPolicyBreach) rollBack(account, set, batch)
    else leaveIll(account, set, batch)
    return fault(
      upgrade,
      'MaxUnhealthyUpgradedInstancePercentExceededInRollingUpgrade',
      'too many upgraded instances are unhealthy',
    )
  }
  dismiss(
    account,
    set,
    old.filter((one) => set.members.includes(one) && !one.isLeaving),
  )
  upgrade.done += there.length
  upgrade.batch = undefined
  upgrade.pausedUntil = account.world.now + pauseMs(policy)
}

/** What a batch launched beside the others, and is not well, stays there or goes. */
function leaveIll(account: Account, set: SetRecord, { old, made }: NonNullable<UpgradeRecord['batch']>): void {
  if (old.length > 0 && !account.surgeStays)
    dismiss(
      account,
      set,
      made.filter((one) => set.members.includes(one) && !isWell(one)),
    )
}

/** What a batch launched beside the others goes. */
function drop(account: Account, set: SetRecord, { old, made }: Pick<NonNullable<UpgradeRecord['batch']>, 'old' | 'made'>): void {
  if (old.length > 0)
    dismiss(
      account,
      set,
      made.filter((one) => set.members.includes(one)),
    )
}

/** What was launched beside goes, and what was re-imaged has its image again. */
function rollBack(account: Account, set: SetRecord, { old, made, before }: NonNullable<UpgradeRecord['batch']>): void {
  if (old.length > 0) return drop(account, set, { old, made })
  for (const [at, one] of made.entries()) reimage(account, set, one, { image: before[at] ?? one.image, edit: set.edits - 1 })
}

function fault(upgrade: UpgradeRecord, code: string, message: string): void {
  upgrade.code = 'Faulted'
  upgrade.error = { code, message }
}

/** Has an upgrade stop once its batch is done. */
export function cancelUpgrade(account: Account, set: SetRecord): Begun {
  const upgrade = set.rolling
  if (upgrade?.code !== 'RollingForward')
    throw new Fault(409, 'OperationNotAllowed', `There is no rolling upgrade of ${set.name} that could be cancelled.`)
  upgrade.lastAction = 'Cancel'
  upgrade.lastActionAt = account.world.now
  const { operation } = begin(account, 'Microsoft.Compute', () => undefined)
  return { status: 202, operation }
}

/** Begins an upgrade to the latest version of the platform's image: to one that is named, instances are brought by writing it. */
export function startOsUpgrade(account: Account, set: SetRecord): Begun {
  if (imageOf(set).version !== 'latest')
    throw new Fault(409, 'OperationNotAllowed', `The scale set ${set.name} launches one version of an image, and not the latest.`)
  beginUpgrade(account, set)
  const { operation } = begin(account, 'Microsoft.Compute', () => undefined)
  return { status: 202, operation }
}

/** The upgrade that is at work, or was the last, as Azure answers it. */
export function latestUpgrade(set: SetRecord): Body | undefined {
  const { rolling, upgrade } = set
  if (rolling === undefined) return upgrade
  const { policy, startedAt, code, lastAction, lastActionAt, done, failed, batch, error } = rolling
  const under = batch?.made.length ?? 0
  return {
    policy,
    runningStatus: {
      code,
      startTime: new Date(startedAt).toISOString(),
      lastAction,
      lastActionTime: new Date(lastActionAt).toISOString(),
    },
    progress: {
      successfulInstanceCount: done,
      failedInstanceCount: failed,
      inProgressInstanceCount: under,
      pendingInstanceCount: Math.max(0, outdated(set).length - under),
    },
    ...(error === undefined ? {} : { error }),
  }
}

/** Members that the set's model is not the one of. */
function outdated(set: SetRecord): MemberRecord[] {
  return staying(set).filter((one) => one.edit !== set.edits)
}

function isBooting({ machine, failure }: MemberRecord): boolean {
  return failure === undefined && machine?.state === 'booting'
}

function isWell({ machine }: MemberRecord): boolean {
  return machine?.state === 'healthy'
}

function isIll(one: MemberRecord): boolean {
  return !isWell(one) && !isBooting(one)
}

function shareOf(some: readonly unknown[], all: readonly unknown[]): number {
  return all.length === 0 ? 0 : (100 * some.length) / all.length
}
