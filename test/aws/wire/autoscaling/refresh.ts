import type { Account, GroupRecord, InstanceRecord, RefreshRecord } from '../account.ts'
import { Fault, validation } from '../fault.ts'
import { page } from '../protocol/page.ts'
import { flag, part, text, texts, whole, type Input } from '../protocol/query.ts'
import type { Output } from '../protocol/xml.ts'
import { converge, versionNumber } from './converge.ts'
import { membersOf } from './find.ts'
import { terminate } from './terminate.ts'
import { groupIn } from './find.ts'

type Operation = (account: Account, input: Input) => Output

/** How often a refresh looks at its group. */
const PERIOD_MS = 10_000
/** Without progress it fails. */
const PATIENCE_MS = 3_600_000
const AT_WORK = new Set(['Pending', 'InProgress', 'Cancelling'])

/** Instance refreshes. */
export const refreshes: Readonly<Record<string, Operation>> = {
  StartInstanceRefresh(account, input) {
    const group = groupIn(account, input)
    if (activeRefresh(group) !== undefined)
      throw new Fault(
        'InstanceRefreshInProgress',
        'An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.',
      )
    const given = part(input, 'Preferences') ?? {}
    const [least, most] = [whole(given, 'MinHealthyPercentage') ?? 90, whole(given, 'MaxHealthyPercentage')]
    if (most !== undefined && most - least > 100)
      throw validation('The difference between MaxHealthyPercentage and MinHealthyPercentage cannot be greater than 100.')
    const desired = part(part(input, 'DesiredConfiguration') ?? {}, 'LaunchTemplate')
    const checkpoints = (texts(given, 'CheckpointPercentages') ?? []).map(Number)
    if (checkpoints.some((one, index) => one <= (checkpoints[index - 1] ?? 0)))
      throw validation('Checkpoint percentages must be in ascending order.')
    const refresh: RefreshRecord = {
      id: account.newId('refresh'),
      startedAt: account.world.now,
      progressAt: account.world.now,
      strategy: text(input, 'Strategy') ?? 'Rolling',
      preferences: given,
      desired:
        desired === undefined
          ? undefined
          : { id: text(desired, 'LaunchTemplateId') ?? '', version: text(desired, 'Version') ?? '$Default' },
      size: group.desired,
      status: 'Pending',
      replaced: 0,
      extra: 0,
      checkpoints,
    }
    group.refreshes.unshift(refresh)
    watch(account, group, refresh)
    return { InstanceRefreshId: refresh.id }
  },

  CancelInstanceRefresh(account, input) {
    const active = activeRefresh(groupIn(account, input))
    if (active === undefined || active.status === 'Cancelling')
      throw new Fault('ActiveInstanceRefreshNotFound', 'No in progress or pending Instance Refresh found for Auto Scaling group.')
    active.status = 'Cancelling'
    return { InstanceRefreshId: active.id }
  },

  DescribeInstanceRefreshes(account, input) {
    const group = groupIn(account, input)
    const { items, next } = page(group.refreshes, text(input, 'NextToken'), whole(input, 'MaxRecords') ?? 50, 100)
    return { InstanceRefreshes: items.map((one) => refreshOutput(group, one)), NextToken: next }
  },
}

/** The refresh at work on a group, if there is one. */
export function activeRefresh(group: GroupRecord): RefreshRecord | undefined {
  return group.refreshes.find((one) => AT_WORK.has(one.status))
}

/** @throws Fault while a refresh is at work: what it launches is not changed under its hands. */
export function refuseWhileRefreshing(group: GroupRecord): void {
  if (activeRefresh(group) !== undefined)
    throw validation('An instance refresh is in progress: the launch template of the group cannot be changed.')
}

function watch(account: Account, group: GroupRecord, refresh: RefreshRecord): void {
  account.world.schedule(account.world.now + PERIOD_MS, () => {
    step(account, group, refresh)
    if (AT_WORK.has(refresh.status)) watch(account, group, refresh)
  })
}

function step(account: Account, group: GroupRecord, refresh: RefreshRecord): void {
  if (group.deleting || refresh.status === 'Cancelling') return end(account, group, refresh, 'Cancelled')
  refresh.status = 'InProgress'
  const staying = membersOf(account, group).filter((one) => !one.lifecycle.startsWith('Terminating'))
  const old = staying.filter((one) => isOld(account, group, refresh, one))
  if (old.length === 0) return end(account, group, refresh, 'Successful')
  if (account.world.now - refresh.progressAt > PATIENCE_MS)
    return end(account, group, refresh, 'Failed', 'The refresh made no progress.')
  const left = Math.min(old.length, allowedNow(refresh) - refresh.replaced)
  if (left <= 0) return
  const ready = staying.filter((one) => isReady(account, group, refresh, one))
  const { most, least } = bounds(refresh, group.desired)
  const isWhole = ready.length === staying.length && staying.length >= group.desired + refresh.extra
  if (most === undefined) replace(account, group, refresh, old, Math.min(left, Math.max(1, ready.length - least)), isWhole)
  else if (refresh.extra === 0) launch(account, group, refresh, Math.min(left, Math.max(1, most - group.desired)))
  else replace(account, group, refresh, old, refresh.extra, isWhole)
}

function bounds({ preferences }: RefreshRecord, size: number) {
  const most = whole(preferences, 'MaxHealthyPercentage')
  const least = whole(preferences, 'MinHealthyPercentage') ?? 90
  return { most: most === undefined ? undefined : Math.floor((size * most) / 100), least: Math.ceil((size * least) / 100) }
}

/** Instances that may be replaced before the next checkpoint; it waits there for as long as it was told. */
function allowedNow({ checkpoints, size }: RefreshRecord): number {
  const [first] = checkpoints
  return first === undefined ? size : Math.ceil((size * first) / 100)
}

function launch(account: Account, group: GroupRecord, refresh: RefreshRecord, count: number): void {
  refresh.extra = count
  converge(account, group)
}

function replace(
  account: Account,
  group: GroupRecord,
  refresh: RefreshRecord,
  old: readonly InstanceRecord[],
  count: number,
  may: boolean,
): void {
  if (!may) return
  refresh.extra = 0
  refresh.replaced += count
  refresh.progressAt = account.world.now
  const at = new Date(account.world.now).toISOString()
  const oldest = old.toSorted((a, b) => a.launchedAt - b.launchedAt).slice(0, count)
  for (const one of oldest)
    terminate(account, group, one, `At ${at} an instance was taken out of service in response to an instance refresh.`)
  converge(account, group)
}

function end(account: Account, group: GroupRecord, refresh: RefreshRecord, status: string, reason?: string): void {
  refresh.status = status
  refresh.endedAt = account.world.now
  if (reason !== undefined) refresh.reason = reason
  if (status === 'Successful' && refresh.desired !== undefined) group.template = refresh.desired
  refresh.extra = 0
  converge(account, group)
}

/** What does not match is replaced, and without matching whatever was there when it began. */
function isOld(account: Account, group: GroupRecord, refresh: RefreshRecord, one: InstanceRecord): boolean {
  if (flag(refresh.preferences, 'SkipMatching') !== true) return one.launchedAt < refresh.startedAt
  const wanted = refresh.desired ?? group.template
  return one.template.id !== wanted.id || one.template.version !== String(versionNumber(account, wanted))
}

/** In service, well where the load balancer's word counts, and warm. */
function isReady(account: Account, group: GroupRecord, refresh: RefreshRecord, one: InstanceRecord): boolean {
  const warmupMs = 1_000 * (whole(refresh.preferences, 'InstanceWarmup') ?? 0)
  if (one.lifecycle !== 'InService') return false
  if (one.launchedAt >= refresh.startedAt && account.world.now - one.launchedAt < warmupMs) return false
  return !group.healthCheckType.includes('ELB') || account.world.machines.find(one.id)?.state === 'healthy'
}

function refreshOutput(group: GroupRecord, one: RefreshRecord): Output {
  const { preferences, desired } = one
  const checkpoints = one.checkpoints.length === 0 ? undefined : [...one.checkpoints]
  return {
    InstanceRefreshId: one.id,
    AutoScalingGroupName: group.name,
    Status: one.status,
    StatusReason: one.reason,
    StartTime: new Date(one.startedAt),
    EndTime: one.endedAt === undefined ? undefined : new Date(one.endedAt),
    PercentageComplete: one.size === 0 ? 100 : Math.min(100, Math.floor((100 * one.replaced) / one.size)),
    InstancesToUpdate: Math.max(0, one.size - one.replaced),
    Strategy: one.strategy,
    Preferences: {
      MinHealthyPercentage: whole(preferences, 'MinHealthyPercentage') ?? 90,
      MaxHealthyPercentage: whole(preferences, 'MaxHealthyPercentage'),
      InstanceWarmup: whole(preferences, 'InstanceWarmup'),
      SkipMatching: flag(preferences, 'SkipMatching') ?? false,
      CheckpointPercentages: checkpoints,
      CheckpointDelay: whole(preferences, 'CheckpointDelay'),
    },
    DesiredConfiguration:
      desired === undefined ? undefined : { LaunchTemplate: { LaunchTemplateId: desired.id, Version: desired.version } },
  }
}
