import type { Accepted, CallContext } from '../../../src/core/ports.ts'
import { boundsOf, readAutoscaler } from '../fleet/autoscaler.ts'
import { isVacant, nameOf, readManager, type FoundGroups } from '../fleet/groups.ts'
import { heldMinimum } from '../fleet/holds.ts'
import { restoringPolicy } from '../fleet/update-policy.ts'
import { withMarks } from '../marks.ts'
import type { Place } from '../place.ts'
import type { Manager } from '../sdk/resources.ts'
import { accepted, groupIn, patchOf, scale } from './group.ts'
import { policy, redistributing } from './holds.ts'
import { checkSize, versionsFor, type Making } from './making.ts'

/**
 * A slot launches the new release from now on, within the bounds of the group that serves. It bears its marks from the same write on, and the
 * bounds follow: an autoscaler would launch what the slot launched before.
 */
export async function fillSlot(making: Making, found: FoundGroups): Promise<Accepted> {
  const { place, request, context } = making
  const { group: id, size, rolloutId } = request
  const [slot, like] = [groupIn(found.groups, id, 'ensureGroup'), groupIn(found.groups, request.like, 'ensureGroup')]
  const [own, its] = await Promise.all([slot, like].map((one) => readAutoscaler(place, one, context.signal)))
  const bounds = boundsOf(place, like, its)
  const max = Math.max(bounds.max, boundsOf(place, slot, own).max)
  checkSize(request, max)
  const versions = await versionsFor(making, found.id)
  const description = withMarks(slot, { fleet: found.id, rollout: rolloutId, partial: request.like })
  const { operations } = place
  const handle = await operations.done(patchOf(place, slot, { versions, targetSize: size, description }), context)
  const least = heldMinimum(like)?.previousMin ?? bounds.min
  await scale(place, { scaler: own }, { min: Math.min(least, size), max }, context)
  const now = await readManager(place, nameOf(slot), context.signal)
  await operations.done(patchOf(place, now, { description: withMarks(now, { partial: undefined }) }), context)
  return accepted(handle)
}

/** A slot is empty for good, and as its owner made it but for what it launches; its largest size is its owner's. */
export async function emptySlot(place: Place, slot: Manager, context: CallContext): Promise<Accepted> {
  if (isVacant(slot)) return {}
  const held = heldMinimum(slot)
  await scale(place, { scaler: await readAutoscaler(place, slot, context.signal) }, { min: 0, mode: held?.mode }, context)
  const gone = { rollout: undefined, partial: undefined, holds: undefined, left: undefined, updates: undefined }
  const restored = { ...restoringPolicy(slot), ...(held === undefined ? {} : redistributing(held, 'PROACTIVE')) }
  const body = { targetSize: 0, description: withMarks(slot, gone), ...policy(restored) }
  return accepted(await place.operations.done(patchOf(place, slot, body), context))
}
