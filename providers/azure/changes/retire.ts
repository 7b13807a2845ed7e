import type { Accepted } from '../../../src/core/ports.ts'
import { deleteSettings } from '../fleet/autoscale.ts'
import { readMembers } from '../fleet/members.ts'
import { nameOf } from '../fleet/set.ts'
import { findSets } from '../fleet/sets.ts'
import { MARKS, markValue, retagged } from '../marks.ts'
import { patch, type Change } from './group.ts'
import { emptySlot } from './slots.ts'

/**
 * See `FleetProvider.retire`. What scales the set goes first, for it would fill it again; the set is emptied, so that no network interface
 * is left behind in a pool, and deleted when somebody asks again and it is empty. A slot is emptied only.
 */
export async function retire(change: Change, id: string): Promise<Accepted> {
  const { group, target, signal } = change
  const found = await findSets(group, target, signal)
  const set = found.sets.find((one) => nameOf(one) === id)
  if (set === undefined || set.provisioningState === 'Deleting') return {}
  if (target.placement.kind === 'slots') return await emptySlot(change, set)
  await deleteSettings(group, set, signal)
  const tags = retagged(set.tags, { add: { [MARKS.fleet]: markValue(found.id), [MARKS.retiring]: 'yes' } })
  if ((set.sku?.capacity ?? 0) > 0) return await patch(change, set, { sku: { ...set.sku, capacity: 0 }, tags: { ...tags } })
  if ((await readMembers(group, set, signal)).length > 0) return {}
  return await group.caller.accept({ name: 'virtualMachineScaleSets.delete', signal }, (client, options) =>
    client.virtualMachineScaleSets.delete(group.name, id, options),
  )
}
