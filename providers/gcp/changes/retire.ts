import { unlessAbsent } from '../../../src/core/errors.ts'
import type { Accepted, CallContext, FleetTarget } from '../../../src/core/ports.ts'
import { findGroups, nameOf } from '../fleet/groups.ts'
import { marksOf, withMarks } from '../marks.ts'
import type { Place } from '../place.ts'
import { leaveAll } from '../router/backends.ts'
import type { Manager } from '../sdk/resources.ts'
import { nameIn } from '../sdk/urls.ts'
import { callIn, pathIn } from '../where.ts'
import { accepted, patchOf } from './group.ts'
import { emptySlot } from './slots.ts'

/**
 * See `FleetProvider.retire`. First whatever would stand in the way: the autoscaler, which would launch anew, then its places in backend
 * services, for what those name is not deleted. Deleting it is one operation that ends with the last of its instances.
 */
export async function retire(place: Place, target: FleetTarget, id: string, context: CallContext): Promise<Accepted> {
  const { groups } = await findGroups(place, target, context.signal)
  const group = groups.find((one) => nameOf(one) === id)
  if (group === undefined) return {}
  if (target.placement.kind === 'slots') return await emptySlot(place, group, context)
  await markRetired(place, group, context)
  await deleteAutoscaler(place, group, context)
  await leaveAll(place, group, context)
  const change = {
    call: callIn(place, 'instanceGroupManagers', 'delete'),
    verb: 'DELETE' as const,
    path: pathIn(place, 'instanceGroupManagers', id),
  }
  return accepted(await place.operations.send(change, context).catch(unlessAbsent))
}

/** From here on it is no group that could be made larger. Where somebody deletes it meanwhile, what it leaves behind is taken away all the same. */
async function markRetired(place: Place, group: Manager, context: CallContext): Promise<void> {
  if (marksOf(group).retired === true) return
  const retired = patchOf(place, group, { description: withMarks(group, { retired: true }) })
  await place.operations.done(retired, context).catch(unlessAbsent)
}

async function deleteAutoscaler(place: Place, { status }: Manager, context: CallContext): Promise<void> {
  const name = nameIn(status?.autoscaler)
  if (name === '') return
  const change = {
    call: callIn(place, 'autoscalers', 'delete'),
    verb: 'DELETE' as const,
    path: pathIn(place, 'autoscalers', name),
  }
  await place.operations.done(change, context).catch(unlessAbsent)
}
