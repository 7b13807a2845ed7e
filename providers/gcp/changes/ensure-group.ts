import { callFailed } from '../../../src/core/errors.ts'
import { isObject, type JsonObject } from '../../../src/core/json.ts'
import type { Accepted, CallContext, FleetTarget, GroupRequest } from '../../../src/core/ports.ts'
import { sizesGrown, totalOf } from '../../../src/core/sizes.ts'
import { treatGroup } from '../clone/group-table.ts'
import { copyParts, wholeMarks } from '../clone/parts.ts'
import { boundsOf, readAutoscaler } from '../fleet/autoscaler.ts'
import { findGroups, isVacant, nameOf, type FoundGroups } from '../fleet/groups.ts'
import { holdsOf } from '../fleet/holds.ts'
import { ownPolicy, policyFor } from '../fleet/update-policy.ts'
import { marksOf, ownText, withMarks, type OwnPolicy } from '../marks.ts'
import type { Place } from '../place.ts'
import { addBackend, serviceNamed } from '../router/backends.ts'
import type { ManagedInstance, Manager, Version } from '../sdk/resources.ts'
import { nameIn } from '../sdk/urls.ts'
import { callIn, pathIn } from '../where.ts'
import { accepted, groupIn, patchOf, present, type Present } from './group.ts'
import { checkSize, versionsFor, type Making } from './making.ts'
import { grow } from './sizes.ts'
import { fillSlot } from './slots.ts'

/** See `FleetProvider.ensureGroup`. A group is marked as partial from its first moment until it has everything. */
export async function ensureGroup(
  place: Place,
  target: FleetTarget,
  request: GroupRequest,
  context: CallContext,
): Promise<Accepted> {
  const { group, release, size, like } = request
  const making = { place, target, request, context }
  const found = await findGroups(place, target, context.signal)
  const isSlot = target.placement.kind === 'slots'
  const named = isSlot ? groupIn(found.groups, group, 'ensureGroup') : found.groups.find((one) => nameOf(one) === group)
  if (named === undefined) return await create(making, found)
  if (isSlot && (isVacant(named) || marksOf(named).partial !== undefined)) return await fillSlot(making, found)
  const there = await present(place, target, group, 'ensureGroup', context.signal)
  if (target.placement.kind === 'in-place' && there.view.release !== release.id) return await launchFrom(making, found.id, there)
  if (there.view.release !== release.id)
    throw callFailed('conflict', 'ensureGroup', `The group ${group} launches ${there.view.release}, not ${release.id}.`)
  if (there.view.partial === true) await complete(making, groupIn(found.groups, like, 'ensureGroup'))
  const now = there.view.partial === true ? await present(place, target, group, 'ensureGroup', context.signal) : there
  const known = { ...now.look.releases, [release.id]: release }
  const total = totalOf(now.view, sizesGrown(now.view.sizes, { [release.id]: size }), known, 'ensureGroup')
  return accepted(await grow(place, now, total, context))
}

/**
 * In place the group launches the new release from now on, beside the instances that are there: its own updater, which would replace them at
 * once, is told to leave them alone, in the same write. Both with the size: what is launched for it is of the new release.
 */
async function launchFrom(making: Making, fleet: string, found: Present): Promise<Accepted> {
  const { place, request, context } = making
  const { group, view, look } = found
  const { release, size } = request
  const known = { ...look.releases, [release.id]: release }
  const targetSize = totalOf(view, sizesGrown(view.sizes, { [release.id]: size }), known, 'ensureGroup')
  const body = {
    versions: (await versionsFor(making, fleet)).map((one) => asRun(one, found.members)),
    updatePolicy: { type: 'OPPORTUNISTIC' },
    targetSize,
    description: withMarks(group, { fleet, updates: ownPolicy(group) }),
  }
  return accepted(await place.operations.done(patchOf(place, group, body), context))
}

/** Compute tells versions by their names as well: what goes on running is launched by the name that it has. */
function asRun(version: Version, members: readonly ManagedInstance[]): Version {
  const runs = members.find((one) => nameIn(one.version?.instanceTemplate) === nameIn(version.instanceTemplate))?.version
  const { name: _name, ...nameless } = version
  if (runs === undefined) return version
  return (runs.name ?? '') === '' ? nameless : { ...nameless, name: runs.name! }
}

async function create(making: Making, found: FoundGroups): Promise<Accepted> {
  const { place, request, context } = making
  const { group, size, binding } = request
  const like = groupIn(found.groups, request.like, 'ensureGroup')
  const scaler = await readAutoscaler(place, like, context.signal)
  checkSize(request, boundsOf(place, like, scaler).max)
  const path = pathIn(place, 'instanceGroupManagers', request.like)
  const { settings, refusals } = treatGroup(
    await place.caller.json(callIn(place, 'instanceGroupManagers', 'get'), { verb: 'GET', path }, context.signal),
  )
  if (refusals.length > 0) throw callFailed('invalid', 'ensureGroup', `${request.like} cannot be cloned: ${refusals.join('; ')}.`)
  if (binding !== undefined) await serviceNamed(place, binding, 'ensureGroup', context.signal)
  const own = ownPolicy(like)
  // What a small clone cannot be given yet it gets once its rollout is over.
  const isGiven = JSON.stringify(policyFor(like, size, own)) === JSON.stringify(own)
  const body = {
    ...settings,
    ...unheldPolicy(like, settings, own, size),
    name: group,
    baseInstanceName: group.slice(0, LONGEST_BASE),
    description: withMarks(
      { description: ownText(like) },
      { fleet: found.id, rollout: request.rolloutId, partial: request.like, ...(isGiven ? {} : { updates: own }) },
    ),
    versions: await versionsFor(making, found.id),
    targetSize: size,
  }
  const parent = pathIn(place, 'instanceGroupManagers', '').slice(0, -1)
  const call = callIn(place, 'instanceGroupManagers', 'insert')
  const handle = await place.operations.done({ call, verb: 'POST', path: parent, body }, context)
  await complete(making, like)
  return accepted(handle)
}

/** How a group updates and redistributes itself while nobody rolls it. */
function unheldPolicy(like: Manager, { updatePolicy }: JsonObject, own: OwnPolicy, size: number): object {
  const redistributes = holdsOf(like).some((one) => one.redistributes === true)
  const given = {
    ...policyFor(like, size, own),
    ...(redistributes ? { instanceRedistributionType: 'PROACTIVE' } : {}),
  }
  return isObject(updatePolicy) ? { updatePolicy: { ...updatePolicy, ...given } } : {}
}

/** What the names of instances may begin with, at most. */
const LONGEST_BASE = 58

/** Makes what a group lacks, whoever began to make it. One that is to be like itself has lost its original, and stays as it is. */
async function complete({ place, target, request, context }: Making, like: Manager): Promise<void> {
  const { group, binding } = request
  if (request.like !== group) await copyParts(place, like, group, context)
  const { groups } = await findGroups(place, target, context.signal)
  const made = groupIn(groups, group, 'ensureGroup')
  if (binding !== undefined) await addBackend(place, { service: binding, group: made, like }, context)
  const description = withMarks(made, { partial: undefined, ...(await wholeMarks(place, like, made, context)) })
  await place.operations.done(patchOf(place, made, { description }), context)
}
