import type { Accepted, CallContext, FleetTarget } from '../../../src/core/ports.ts'
import type { InstanceView } from '../../../src/core/snapshot.ts'
import { sizesLeft, type Sizes, totalOf } from '../../../src/core/sizes.ts'
import { findGroups, nameOf } from '../fleet/groups.ts'
import { heldMinimum } from '../fleet/holds.ts'
import { hasMachine, namedIn } from '../fleet/instances.ts'
import type { Place } from '../place.ts'
import type { Manager, ManagedInstance } from '../sdk/resources.ts'
import { callIn, pathIn } from '../where.ts'
import { accepted, groupIn, patchOf, present, scale, type Present } from './group.ts'

/**
 * See `FleetProvider.remove`. A group deletes instances by name, and lowers its size by as many: those are named whose machine is still the
 * one that was meant. Where more shall remain than do, the size is written afterwards.
 */
export async function remove(
  place: Place,
  target: FleetTarget,
  id: string,
  victims: readonly string[],
  sizesAfter: Sizes,
  context: CallContext,
): Promise<Accepted> {
  const found = await present(place, target, id, 'remove', context.signal)
  const { view, look } = found
  const here = view.instances.filter((one) => one.state !== 'terminating')
  const going = here.filter((one) => isMeant(one, victims))
  const staying = here.filter((one) => !going.includes(one))
  const wanted = sizesLeft(view.sizes, sizesAfter, staying.filter(hasMachine))
  const total = totalOf(view, wanted, look.releases, 'remove')
  const spare = spareIn(staying, wanted)
  // An autoscaler would launch anew whatever is below its minimum.
  const min =
    heldMinimum(found.group) !== undefined || view.min > total ? await scale(place, found, { min: total }, context) : undefined
  const deleted = await deleteInstances(place, found, [...going, ...spare], context)
  const sized = await sizeUp(place, target, found, total, context)
  return accepted(sized ?? deleted ?? min)
}

/** Whether an instance is one of these: another machine of the same name is not. */
function isMeant({ id }: InstanceView, victims: readonly string[]): boolean {
  const own = namedIn(id)
  return victims.map(namedIn).some((one) => one.name === own.name && (one.number === undefined || one.number === own.number))
}

/** Places that nobody fills, of releases that shall have fewer: a size that stands for what does not come up is lowered with them. */
function spareIn(staying: readonly InstanceView[], wanted: Sizes): InstanceView[] {
  return Object.entries(wanted).flatMap(([release, size]) => {
    const own = staying.filter((one) => one.release === release)
    return own.filter((one) => !hasMachine(one)).slice(0, Math.max(0, own.length - size))
  })
}

/** Compute deletes no more at once. */
const INSTANCES_A_CALL = 1_000

/** Deletes instances by their names; the size is lowered by as many. @returns the last of the operations. */
export async function deleteInstances(
  place: Place,
  { group, members }: Pick<Present, 'group' | 'members'>,
  instances: readonly InstanceView[],
  context: CallContext,
): Promise<string | undefined> {
  const names = new Set(instances.map((one) => namedIn(one.id).name))
  const named = members.filter((one) => names.has(one.name ?? ''))
  // What waits to be launched has no URL, and is named; the two are not mixed in one call.
  const [queued, launched] = [named.filter((one) => isQueued(one)), named.filter((one) => !isQueued(one))]
  const all = [queued.map((one) => one.name ?? ''), launched.map((one) => one.instance ?? '')].flatMap(inParts)
  let handle: string | undefined
  for (const some of all) {
    const change = {
      call: callIn(place, 'instanceGroupManagers', 'deleteInstances'),
      verb: 'POST' as const,
      path: `${pathIn(place, 'instanceGroupManagers', nameOf(group))}/deleteInstances`,
      // One that went meanwhile is no error.
      body: { instances: some, skipInstancesOnValidationError: true },
    }
    handle = await place.operations.done(change, context)
  }
  return handle
}

function isQueued({ instance = '' }: ManagedInstance): boolean {
  return instance === ''
}

function inParts(all: readonly string[]): string[][] {
  const parts = Math.ceil(all.length / INSTANCES_A_CALL)
  return Array.from({ length: parts }, (_part, at) => all.slice(at * INSTANCES_A_CALL, (at + 1) * INSTANCES_A_CALL))
}

/** The size that shall remain, where deleting has lowered it further; read anew, for whoever wrote meanwhile is to be seen. */
async function sizeUp(
  place: Place,
  target: FleetTarget,
  { group }: { readonly group: Manager },
  total: number,
  context: CallContext,
): Promise<string | undefined> {
  const { groups } = await findGroups(place, target, context.signal)
  const now = groupIn(groups, nameOf(group), 'remove')
  if ((now.targetSize ?? 0) >= total) return undefined
  return await place.operations.done(patchOf(place, now, { targetSize: total }), context)
}
