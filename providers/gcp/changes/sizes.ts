import { callFailed } from '../../../src/core/errors.ts'
import type { Accepted, CallContext, FleetTarget } from '../../../src/core/ports.ts'
import { afterSize, sizesGrown, type Sizes, totalOf } from '../../../src/core/sizes.ts'
import { heldMinimum } from '../fleet/holds.ts'
import { marksOf } from '../marks.ts'
import type { Place } from '../place.ts'
import { accepted, patchOf, present, scale, type Present } from './group.ts'

/** See `FleetProvider.resize`. */
export async function resize(
  place: Place,
  target: FleetTarget,
  id: string,
  sizes: Sizes,
  version: string | undefined,
  context: CallContext,
): Promise<Accepted> {
  const found = await present(place, target, id, 'resize', context.signal)
  const { view, look, group } = found
  if (marksOf(group).retired === true) throw callFailed('conflict', 'resize', `The group ${id} is being deleted.`)
  if (version !== undefined && version !== view.version)
    throw callFailed('conflict', 'resize', `The group ${id} has the fingerprint ${view.version}, not ${version}: look again.`)
  totalOf(view, sizes, look.releases, 'resize')
  return accepted(await grow(place, found, totalOf(view, sizesGrown(view.sizes, sizes), look.releases, 'resize'), context))
}

/** Makes a group at least so large. It is written over what was read and nothing else, so that it never makes smaller what grew meanwhile. */
export async function grow(place: Place, found: Present, total: number, context: CallContext): Promise<string | undefined> {
  const { group, view } = found
  const { targetSize = 0 } = group
  const raise = async () => {
    const isHeld = heldMinimum(group) !== undefined && total > view.min
    return isHeld ? await scale(place, found, { min: total }, context) : undefined
  }
  if (total <= targetSize) return await raise()
  const size = await place.operations.done(patchOf(place, group, { targetSize: total }), context)
  await raise().catch(afterSize)
  return size
}
