import { callFailed } from '../../../src/core/errors.ts'
import type { Accepted, CallContext, FleetTarget, UpdateRequest } from '../../../src/core/ports.ts'
import type { InstanceView, ReleaseId } from '../../../src/core/snapshot.ts'
import { see } from '../fleet/describe.ts'
import { nameOf, readManager } from '../fleet/groups.ts'
import { byLaunch } from '../fleet/instances.ts'
import { isLeaving } from '../fleet/members.ts'
import { restOf, versionsOf } from '../fleet/sizes.ts'
import { instead, ownPolicy } from '../fleet/update-policy.ts'
import { marksOf, withMarks } from '../marks.ts'
import type { Place } from '../place.ts'
import type { FixedOrPercent, Manager, Version } from '../sdk/resources.ts'
import { nameIn } from '../sdk/urls.ts'
import { accepted, patchOf, present, type Present } from './group.ts'
import { deleteInstances } from './remove.ts'

/**
 * See `NativeUpdater.start`. The updater replaces whatever is not of the group's versions: all are to be of what the group launches, but for as
 * many as it is to leave. Written over what was read, so that one whose answer was lost lands on nothing else.
 */
export async function startUpdate(
  place: Place,
  target: FleetTarget,
  id: string,
  request: UpdateRequest,
  context: CallContext,
): Promise<Accepted> {
  const found = await present(place, { ...target, updates: true }, id, 'update', context.signal)
  const { group, view } = found
  if (view.release !== request.release)
    throw callFailed('conflict', 'update', `The group ${id} launches ${view.release}, not ${request.release}.`)
  if (request.soakMs > 0)
    throw callFailed('invalid', 'update', `The updater of ${id} cannot let instances wait once they are well.`)
  const versions = versionsTo(found, request.upTo)
  const isSame = isTowards(group, versions, request)
  if (view.update?.state === 'running' && !isSame) throw callFailed('conflict', 'update', `There works ${view.update.says}.`)
  if (isSame) return {}
  const updatePolicy = {
    type: 'PROACTIVE',
    // Whatever the two releases differ in: an instance is replaced, and never changed while it serves.
    minimalAction: 'REPLACE',
    replacementMethod: 'SUBSTITUTE',
    maxSurge: instead({ fixed: request.maxSurge }),
    maxUnavailable: instead({ fixed: request.maxUnavailable }),
  }
  const body = { versions, updatePolicy, description: withMarks(group, { updates: ownPolicy(group) }) }
  return accepted(await place.operations.done(patchOf(place, group, body), context))
}

/** What the group launches, for all of its instances or for so many: of what others are there most, the rest of the size is left. */
function versionsTo({ group, members }: Present, upTo: number | undefined): readonly Version[] {
  const launched = named(restOf(versionsOf(group)))
  const left = (group.targetSize ?? 0) - (upTo ?? group.targetSize ?? 0)
  const others = members.filter((one) => !isLeaving(one) && !isOf(one.version, launched))
  const alike = others.map((one) => others.filter(({ version }) => isOf(version, one.version)))
  const [most = []] = alike.toSorted((a, b) => b.length - a.length)
  const fixed = Math.min(left, most.length)
  if (fixed <= 0) return [launched]
  return [launched, { ...named(most[0]?.version), targetSize: { fixed } }]
}

/** A version without a size, and without what Google's client adds. */
function named({ instanceTemplate = '', name = '' }: Version = {}): Version {
  return { instanceTemplate, ...(name === '' ? {} : { name }) }
}

function isOf(one: Version = {}, other: Version = {}): boolean {
  return nameIn(one.instanceTemplate) === nameIn(other.instanceTemplate) && (one.name ?? '') === (other.name ?? '')
}

/** Whether a group is told all this already. */
function isTowards(group: Manager, versions: readonly Version[], { maxSurge, maxUnavailable }: UpdateRequest): boolean {
  const { updatePolicy: { type, maxSurge: surge, maxUnavailable: missing } = {} } = group
  const told = versionsOf(group)
  if (type !== 'PROACTIVE' || told.length !== versions.length) return false
  if (countIn(surge) !== maxSurge || countIn(missing) !== maxUnavailable) return false
  return versions.every((one) => told.some((it) => isOf(it, one) && countIn(it.targetSize) === countIn(one.targetSize)))
}

function countIn({ calculated, fixed }: FixedOrPercent = {}): number | undefined {
  return fixed ?? calculated
}

/**
 * See `NativeUpdater.stop`. What it has launched beyond the size belongs to it from the same write on, so that the group itself ends nobody;
 * then as many go by name, and the size is what it was.
 */
export async function stopUpdate(place: Place, target: FleetTarget, id: string, context: CallContext): Promise<Accepted> {
  const seen = await see(place, { ...target, updates: true }, context.signal)
  const { update } = seen.look.groups.find((one) => one.id === id) ?? {}
  const read = seen.groups.find((one) => nameOf(one.group) === id)
  if (update?.state !== 'running' || read === undefined) return {}
  const { group, members } = read
  const { targetSize = 0 } = group
  const { size = targetSize, updates = ownPolicy(group) } = marksOf(group)
  const raised = Math.max(targetSize, members.filter((one) => !isLeaving(one)).length)
  const description = withMarks(group, { updates, ...(raised > size ? { size } : {}) })
  const body = { updatePolicy: { type: 'OPPORTUNISTIC' }, targetSize: raised, description }
  const stopped = await place.operations.done(patchOf(place, group, body), context)
  const now = await present(place, { ...target, updates: true }, id, 'stop-update', context.signal)
  const surplus = beyond(now, update.release, size)
  if (marksOf(now.group).size === undefined && surplus.length === 0) return accepted(stopped)
  await deleteInstances(place, now, surplus, context)
  const last = await readManager(place, id, context.signal)
  const restored = { targetSize: Math.max(size, last.targetSize ?? 0), description: withMarks(last, { size: undefined }) }
  return accepted(await place.operations.done(patchOf(place, last, restored), context))
}

const WELL: Readonly<Record<string, number>> = { starting: 0, healthy: 2 }

/** As many instances as there are beyond a size: of what the updater launches, the least well first, and the latest of them. */
function beyond({ view }: Present, release: ReleaseId, size: number): readonly InstanceView[] {
  const staying = view.instances.filter((one) => one.state !== 'terminating')
  const isLaunched = (one: InstanceView) => Number(one.release === release)
  const wellness = ({ state }: InstanceView) => WELL[state] ?? 1
  const order = staying.toSorted((a, b) => isLaunched(b) - isLaunched(a) || wellness(a) - wellness(b) || byLaunch(b, a))
  return order.slice(0, Math.max(0, staying.length - size))
}
