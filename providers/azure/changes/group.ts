import type { VirtualMachineScaleSetUpdate } from '@azure/arm-compute'
import { callFailed } from '../../../src/core/errors.ts'
import type { Accepted, FleetTarget } from '../../../src/core/ports.ts'
import type { GroupView, ProviderLook } from '../../../src/core/snapshot.ts'
import { describeSets } from '../fleet/describe.ts'
import { nameOf, type ScaleSet } from '../fleet/set.ts'
import { findSets, type FoundSets } from '../fleet/sets.ts'
import { ownPolicy } from '../fleet/upgrade-note.ts'
import { upgrades } from '../fleet/upgrades.ts'
import { MARKS, tagged } from '../marks.ts'
import type { ResourceGroup } from '../resource-group.ts'

/** A change of the port, as far as it is always the same. */
export interface Change {
  readonly group: ResourceGroup
  readonly target: FleetTarget
  /** As the port calls it. */
  readonly call: string
  readonly signal: AbortSignal
}

/** The sets of a fleet that is to be changed, and a whole look beside them. */
export async function lookToChange({
  group,
  target,
  signal,
}: Change): Promise<{ readonly look: ProviderLook; readonly found: FoundSets }> {
  const found = await findSets(group, target, signal)
  return { found, look: await describeSets(group, target, found, signal) }
}

/** A set of the fleet. @throws RolloutError `call-failed` of class `not-found`. */
export function setIn({ sets }: FoundSets, id: string, call: string): ScaleSet {
  const set = sets.find((one) => nameOf(one) === id)
  if (set !== undefined) return set
  throw callFailed('not-found', call, `The fleet has no scale set ${id}; there are: ${sets.map(nameOf).join(', ') || 'none'}.`)
}

/** Its view. @throws RolloutError `call-failed` of class `not-found`. */
export function viewIn({ groups }: ProviderLook, id: string, call: string): GroupView {
  const view = groups.find((one) => one.id === id)
  if (view !== undefined) return view
  throw callFailed(
    'not-found',
    call,
    `The fleet has no scale set ${id}; there are: ${groups.map((one) => one.id).join(', ') || 'none'}.`,
  )
}

/** @throws RolloutError `call-failed` of class `conflict` for a set that is on its way out. */
export function refuseRetiring(set: ScaleSet, call: string): void {
  if (tagged(set.tags, MARKS.retiring) === undefined && set.provisioningState !== 'Deleting') return
  throw callFailed('conflict', call, `The scale set ${nameOf(set)} is being retired.`)
}

/**
 * Changes a set, unless somebody else has changed it since it was read: landed late it does nothing. In one whose upgrades were imago's the
 * owner's mode comes back by the same write, for in Rolling mode any write begins another.
 *
 * @throws RolloutError `call-failed` of class `conflict` while one is at work, for all but the size.
 */
export async function patch(change: WriteChange, set: ScaleSet, changes: VirtualMachineScaleSetUpdate): Promise<Accepted> {
  const upgradePolicy = ownPolicy(set)
  if (upgradePolicy === undefined) return await write(change, set, changes)
  if (await upgrades(change.group, set, change.signal)) {
    if (Object.keys(changes).every((key) => key === 'sku')) return await write(change, set, changes)
    throw callFailed('conflict', change.call, `A rolling upgrade of ${nameOf(set)} is at work, and a write would begin it anew.`)
  }
  return await write(change, set, { ...changes, upgradePolicy })
}

type WriteChange = Pick<Change, 'group' | 'signal' | 'call'>

/** The same whatever mode it is in: whoever sets an upgrade to work means to begin it. */
export async function write(
  { group, signal }: WriteChange,
  set: ScaleSet,
  changes: VirtualMachineScaleSetUpdate,
): Promise<Accepted> {
  const condition = set.etag === undefined ? {} : { ifMatch: set.etag }
  return await group.caller.accept({ name: 'virtualMachineScaleSets.update', signal }, (client, options) =>
    client.virtualMachineScaleSets.update(group.name, nameOf(set), changes, { ...options, ...condition }),
  )
}
