import { callFailed, isRolloutError } from '../../../src/core/errors.ts'
import type { FleetTarget, UpdateRequest } from '../../../src/core/ports.ts'
import { nameOf } from '../fleet/group.ts'
import { findGroups } from '../fleet/groups.ts'
import { readRefreshes, stateOfRefresh, type InstanceRefresh } from '../fleet/refreshes.ts'
import type { Region } from '../region.ts'
import type { InputOf } from '../sdk/services.ts'
import { groupIn } from './group.ts'
import { chooseOnly } from './protection.ts'
import { viewOfGroup } from './sizes.ts'

type Preferences = NonNullable<InputOf<'autoScaling', 'StartInstanceRefresh'>['Preferences']>

/** AWS waits at a checkpoint for two days at most, and goes on then: imago stops it long before. */
const CHECKPOINT_DELAY_S = 172_800

/**
 * See `NativeUpdater.start`. The refresh is told of no configuration of its own: it replaces what does not match what the group launches,
 * so that one whose answer was lost does nothing new, whenever it lands.
 */
export async function startRefresh(
  region: Region,
  target: FleetTarget,
  id: string,
  request: UpdateRequest,
  signal: AbortSignal,
): Promise<void> {
  const { group } = await viewOfGroup(region, target, id, 'update', signal)
  if (group.release !== request.release)
    throw callFailed('conflict', 'update', `The group ${id} launches ${group.release}, not ${request.release}.`)
  const size = Object.values(group.sizes).reduce((sum, one) => sum + one, 0)
  const preferences = preferencesFor(request, size)
  const latest = (await readRefreshes(region.caller, [id], signal)).get(id)
  if (latest !== undefined && stateOfRefresh(latest) !== 'ended' && !isTheSame(latest, preferences))
    throw callFailed('conflict', 'update', `The instance refresh ${latest.InstanceRefreshId} of ${id} is ${latest.Status}.`)
  if (latest !== undefined && stateOfRefresh(latest) === 'running') return
  const input = { AutoScalingGroupName: id, Strategy: 'Rolling', Preferences: preferences } as const
  await region.caller.call('autoScaling', 'StartInstanceRefresh', input, signal)
}

/** See `NativeUpdater.stop`. What it has launched beyond the size goes as it stops, and by itself AWS would choose what the group launches no more. */
export async function stopRefresh(region: Region, target: FleetTarget, id: string, signal: AbortSignal): Promise<void> {
  const { caller } = region
  const { groups } = await findGroups(region, target, signal)
  if (groups.every((one) => nameOf(one) !== id)) return
  const latest = (await readRefreshes(caller, [id], signal)).get(id)
  if (latest !== undefined && stateOfRefresh(latest) === 'running') await keepOthers(region, target, id, signal)
  try {
    await caller.call('autoScaling', 'CancelInstanceRefresh', { AutoScalingGroupName: id }, signal)
  } catch (error) {
    if (!isRolloutError(error, 'call-failed') || error.facts.class !== 'not-found') throw error
  }
}

/** All but what it has launched are protected. */
async function keepOthers(region: Region, target: FleetTarget, id: string, signal: AbortSignal): Promise<void> {
  const { group } = await viewOfGroup(region, { ...target, updates: true }, id, 'update', signal)
  const launched = group.instances.filter((one) => one.release === group.release).map((one) => one.id)
  const native = groupIn(await findGroups(region, target, signal), id, 'update')
  await chooseOnly(region, native, new Set(launched), signal)
}

function isTheSame(refresh: InstanceRefresh, { CheckpointPercentages: wanted = [] }: Preferences): boolean {
  const { CheckpointPercentages: seen = [] } = refresh.Preferences ?? {}
  return stateOfRefresh(refresh) === 'running' && (seen.length === 0) === (wanted.length === 0)
}

/** What AWS is told, which counts in percent of the size. */
export function preferencesFor({ maxSurge, maxUnavailable, soakMs, upTo }: UpdateRequest, size: number): Preferences {
  const least = leastPercent(size, size - maxUnavailable)
  const first = upTo === undefined || size === 0 ? 100 : leastPercent(size, upTo)
  return {
    MinHealthyPercentage: least,
    // Without it instances are ended before others are launched in their stead.
    ...(maxSurge === 0 ? {} : { MaxHealthyPercentage: mostPercent(size, size + maxSurge, least) }),
    ...(soakMs === 0 ? {} : { InstanceWarmup: Math.ceil(soakMs / 1_000) }),
    SkipMatching: true,
    // What is protected is kept from scaling in, not from being replaced; AWS would wait for an hour and fail.
    ScaleInProtectedInstances: 'Refresh',
    StandbyInstances: 'Terminate',
    AutoRollback: false,
    ...(first >= 100 ? {} : { CheckpointPercentages: [first, 100], CheckpointDelay: CHECKPOINT_DELAY_S }),
  }
}

/** The smallest percentage that AWS, which rounds up, takes for no fewer: in service, and at a checkpoint as well. */
function leastPercent(size: number, wanted: number): number {
  if (size === 0) return 100
  let percent = Math.max(0, Math.floor((100 * wanted) / size))
  while (Math.ceil((size * percent) / 100) < wanted) percent++
  return percent
}

/** Rounded down: no more than was asked for; at 100 percent AWS launches one beside all the others. */
function mostPercent(size: number, wanted: number, least: number): number {
  const percent = size === 0 ? 100 : Math.floor((100 * wanted) / size)
  return Math.min(200, least + 100, Math.max(100, percent))
}
