import { callFailed } from '../../../src/core/errors.ts'
import type { Accepted, UpdateRequest } from '../../../src/core/ports.ts'
import type { GroupView } from '../../../src/core/snapshot.ts'
import { memberId } from '../fleet/member.ts'
import { readMembers } from '../fleet/members.ts'
import { roomFor } from '../fleet/quota.ts'
import { nameOf, type ScaleSet } from '../fleet/set.ts'
import { findSets } from '../fleet/sets.ts'
import { isTurned, upgradeTag, type UpgradeNote } from '../fleet/upgrade-note.ts'
import { isTold, leastSurge, policyFor } from '../fleet/upgrade-policy.ts'
import { readUpgrade, stateOfUpgrade } from '../fleet/upgrades.ts'
import { retagged } from '../marks.ts'
import { lookToChange, refuseRetiring, setIn, viewIn, write, type Change } from './group.ts'
import { remove } from './remove.ts'

/**
 * See `NativeUpdater.start`. A set in Rolling mode brings what it launches to all instances as soon as anything of it is written: one write
 * gives it that mode, the budget and a note of what it had before. Where the mode alone did not begin it, the same write again does. It is
 * told of no image, and lands on nothing but what was read.
 */
export async function startUpgrade(change: Change, id: string, request: UpdateRequest): Promise<Accepted> {
  const { group, call, signal } = change
  const { look, found } = await lookToChange(change)
  const [view, set] = [viewIn(look, id, call), setIn(found, id, call)]
  if (view.release !== request.release)
    throw callFailed('conflict', call, `The scale set ${id} launches ${view.release}, not ${request.release}.`)
  refuseRetiring(set, call)
  refuseUntold(set, request, call)
  const { update } = view
  if (update !== undefined && update.state !== 'ended') {
    if (update.state === 'running' && isTurned(set) && isTold(set, policyFor(set, request))) return {}
    throw callFailed('conflict', call, `There works ${update.says}.`)
  }
  if (isThere(view)) return {}
  // Of an upgrade that was its owner's own business nothing follows.
  if (update !== undefined && update.release !== view.release)
    throw callFailed('denied', call, `Azure re-images instances of ${id} that run: ${update.says}.`, { native: 'Reimage' })
  const left = leftBeside(set, view)
  if (left.length > 0) return await remove(change, id, left, view.sizes)
  const { machines: room, why } = await roomFor(group, set, signal)
  const least = leastSurge(set.sku?.capacity ?? 0)
  if (room !== undefined && room < least)
    throw callFailed('quota', call, `Azure would re-image instances of ${id} that run, for the quota leaves ${room}: ${why}.`)
  const { automaticOSUpgradePolicy, rollingUpgradePolicy } = set.upgradePolicy ?? {}
  return await write(change, set, {
    upgradePolicy: {
      ...(automaticOSUpgradePolicy === undefined ? {} : { automaticOSUpgradePolicy }),
      mode: 'Rolling',
      rollingUpgradePolicy: { ...rollingUpgradePolicy, ...policyFor(set, request, room) },
    },
    tags: { ...retagged(set.tags, { add: upgradeTag(set, await before(change, set, view)) }) },
  })
}

/** @throws RolloutError `call-failed` of class `invalid` for what the facts say that it cannot be told. */
function refuseUntold(set: ScaleSet, { maxSurge, soakMs }: UpdateRequest, call: string): void {
  const name = nameOf(set)
  const least = leastSurge(set.sku?.capacity ?? 0)
  if (soakMs > 0) throw callFailed('invalid', call, `A rolling upgrade of ${name} cannot let instances wait once they are well.`)
  if (maxSurge < least)
    throw callFailed('invalid', call, `A rolling upgrade of ${name} takes at least ${least} beyond the size, not ${maxSurge}.`)
}

/** Whether nothing is left to be replaced. */
function isThere({ release, instances }: GroupView): boolean {
  return instances.every((one) => one.release === release || one.state === 'terminating')
}

/**
 * What an upgrade that Azure gave up has launched beyond the size, and is not well. It goes before another begins, which would launch as many
 * beside it again.
 */
function leftBeside({ sku }: ScaleSet, { release, instances }: GroupView): readonly string[] {
  const staying = instances.filter((one) => one.state !== 'terminating')
  const ill = staying.filter((one) => one.release === release && (one.state === 'unhealthy' || one.state === 'unknown'))
  return ill.slice(0, Math.max(0, staying.length - (sku?.capacity ?? 0))).map((one) => one.id)
}

/** Who is there, so that it shows when one of them is re-imaged: what replaces them is made later. */
async function before({ group, signal }: Change, set: ScaleSet, view: GroupView): Promise<Pick<UpgradeNote, 'newest' | 'same'>> {
  const members = await readMembers(group, set, signal)
  const running = new Set(view.instances.filter((one) => one.release === view.release).map((one) => one.id))
  return {
    newest: Math.max(0, ...members.map(({ createdAt }) => createdAt?.getTime() ?? 0)),
    same: members.filter((one) => running.has(memberId(one.name, one.unique))).length,
  }
}

/**
 * See `NativeUpdater.stop`. The batch that is under way may still be brought to its end. The set's own mode comes back with the next write of
 * it: while an upgrade ends, nothing may be written.
 */
export async function stopUpgrade({ group, target, signal }: Change, id: string): Promise<Accepted> {
  const { sets } = await findSets(group, target, signal)
  const set = sets.find((one) => nameOf(one) === id)
  const upgrade = set === undefined ? undefined : await readUpgrade(group, set, signal)
  if (upgrade === undefined || stateOfUpgrade(upgrade) !== 'running') return {}
  return await group.caller.accept({ name: 'virtualMachineScaleSetRollingUpgrades.cancel', signal }, (client, options) =>
    client.virtualMachineScaleSetRollingUpgrades.cancel(group.name, id, options),
  )
}
