import { isRolloutError, callFailed } from '../../../src/core/errors.ts'
import type { Accepted } from '../../../src/core/ports.ts'
import { sizesLeft, type Sizes, totalOf } from '../../../src/core/sizes.ts'
import { readMembers } from '../fleet/members.ts'
import { nameOf } from '../fleet/set.ts'
import { readSet } from '../fleet/sets.ts'
import { lookToChange, patch, setIn, viewIn, type Change } from './group.ts'
import { moveMinimum } from './sizes.ts'

/**
 * See `FleetProvider.remove`. Azure deletes those that are named and lowers the size by as many. A name is given again only after whoever
 * had it is gone: what is named here is told by what is given once, and found among those that are there just before.
 */
export async function remove(change: Change, id: string, victims: readonly string[], sizesAfter: Sizes): Promise<Accepted> {
  const { group, call, signal } = change
  const { look, found } = await lookToChange(change)
  const [view, set] = [viewIn(look, id, call), setIn(found, id, call)]
  const present = view.instances.filter((one) => one.state !== 'terminating')
  const going = present.map((one) => one.id).filter((one) => victims.includes(one))
  const staying = present.filter((one) => !going.includes(one.id))
  const total = totalOf(view, sizesLeft(view.sizes, sizesAfter, staying), look.releases, call)
  const capacity = set.sku?.capacity ?? 0
  // Before the size falls: below its minimum the set would be filled again.
  if (total < capacity) await moveMinimum(change, set, view, total)
  if (going.length === 0) return total < capacity ? await patch(change, set, { sku: { ...set.sku, capacity: total } }) : {}
  const leaving = (await readMembers(group, set, signal)).filter((one) => going.includes(one.id))
  group.repairs.excuse(leaving.map((one) => one.unique))
  const keys = leaving.map((one) => one.key)
  const accepted = await deleteNamed(change, nameOf(set), keys)
  if (capacity - going.length >= total) return accepted
  return await refill(change, id, total)
}

async function deleteNamed({ group, signal, call }: Change, set: string, keys: readonly string[]): Promise<Accepted> {
  try {
    return await group.caller.accept({ name: 'virtualMachineScaleSets.deleteInstances', signal }, (client, options) =>
      client.virtualMachineScaleSets.deleteInstances(group.name, set, { instanceIds: [...keys] }, options),
    )
  } catch (error) {
    // One of them has gone in the meantime, and Azure has refused them all.
    if (isRolloutError(error, 'call-failed') && /not an active Virtual Machine Scale Set/i.test(error.message))
      throw callFailed('transient', call, error.message, { ...error.facts })
    throw error
  }
}

/** Whoever is named beyond what the size falls by is replaced by another. */
async function refill(change: Change, id: string, total: number): Promise<Accepted> {
  const set = await readSet(change.group, id, change.signal)
  if (set === undefined || (set.sku?.capacity ?? 0) >= total) return {}
  return await patch(change, set, { sku: { ...set.sku, capacity: total } })
}
