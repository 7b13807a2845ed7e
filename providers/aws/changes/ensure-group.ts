import { callFailed } from '../../../src/core/errors.ts'
import type { FleetTarget, GroupRequest } from '../../../src/core/ports.ts'
import { sizesGrown, totalOf } from '../../../src/core/sizes.ts'
import { bindingTags } from '../bindings.ts'
import { GROUP, type NewGroup } from '../clone/group-table.ts'
import { hooksOf } from '../clone/hooks.ts'
import { copyParts } from '../clone/parts/index.ts'
import type { Copying } from '../clone/parts/part.ts'
import { treat } from '../clone/treatment.ts'
import { describe } from '../fleet/describe.ts'
import type { AutoScalingGroup } from '../fleet/group.ts'
import { findGroups, type FoundGroups } from '../fleet/groups.ts'
import { holdsOf, holdTags } from '../fleet/holds.ts'
import type { Region } from '../region.ts'
import { targetGroupArn } from '../router/target-groups.ts'
import { groupIn } from './group.ts'
import { stopRebalancing } from './holds.ts'
import { checkSize, heldBy, launching, marks, ownSettings, templateOf, wholeNow, type Making } from './making.ts'
import { grow } from './sizes.ts'
import { fillSlot } from './slots.ts'

/** See `FleetProvider.ensureGroup`. A group is marked as partial from its first moment until it has everything. */
export async function ensureGroup(
  region: Region,
  target: FleetTarget,
  request: GroupRequest,
  token: string,
  signal: AbortSignal,
): Promise<void> {
  const look = await describe(region, target, signal)
  const there = look.groups.find((one) => one.id === request.group)
  const making = { region, target, request, token, signal }
  const isSlot = target.placement.kind === 'slots'
  if (isSlot && (there === undefined || there.partial === true)) return await fillSlot(making)
  if (there === undefined) return await create(making)
  const { release, size } = request
  if (target.placement.kind !== 'in-place' && there.release !== release.id)
    throw callFailed('conflict', 'ensureGroup', `The group ${there.id} launches ${there.release}, not ${release.id}.`)
  if (there.partial === true) await complete(region, await findGroups(region, target, signal), request, signal)
  if (there.release !== release.id) await launchFrom(making)
  const grown = sizesGrown(there.sizes, { [release.id]: size })
  const total = totalOf(there, grown, { ...look.releases, [release.id]: release }, 'ensureGroup')
  if (total > totalOf(there, {}, look.releases, 'ensureGroup')) await grow(region, there, total, signal)
}

/** In place the group launches the new release from now on, beside the instances that are there. */
async function launchFrom(making: Making): Promise<void> {
  const { region, target, request, signal } = making
  const found = await findGroups(region, target, signal)
  const template = await templateOf(making, found.id)
  const input = { AutoScalingGroupName: request.group, ...launching(groupIn(found, request.group, 'ensureGroup'), template) }
  await region.caller.call('autoScaling', 'UpdateAutoScalingGroup', input, signal)
}

async function create(making: Making): Promise<void> {
  const { region, target, request, signal } = making
  const found = await findGroups(region, target, signal)
  const like = groupIn(found, request.like, 'ensureGroup')
  checkSize(request, like.MaxSize ?? 0)
  const { settings, refusals } = treat<AutoScalingGroup, NewGroup>(like, GROUP)
  if (refusals.length > 0) {
    const reasons = refusals.map(({ member, why }) => `${member}: ${why}`).join('; ')
    throw callFailed('invalid', 'ensureGroup', `${request.like} cannot be cloned: ${reasons}.`)
  }
  const routes = request.binding === undefined ? [] : [await targetGroupArn(region.caller, request.binding, signal)]
  const hooks = await hooksOf(region.caller, like, signal)
  const { group, size } = request
  const own = ownSettings(found, like)
  // An alarm may speak before anybody looks again: what is made in a rollout is held like what it is to replace.
  const held = heldBy(found, like, request.rolloutId)
  const template = await templateOf(making, found.id)
  const input = {
    ...settings,
    AutoScalingGroupName: group,
    ...launching(like, template),
    // A group cannot be made with a minimum above its size; it gets the one it was meant to have when it is let go.
    MinSize: held === undefined ? Math.min(own.min, size) : size,
    NewInstancesProtectedFromScaleIn: own.guarded,
    MaxSize: like.MaxSize ?? size,
    DesiredCapacity: size,
    ...(routes.length === 0 ? {} : { TargetGroupARNs: routes }),
    Tags: [
      ...(settings.Tags ?? []),
      ...marks(found, request),
      ...ownTags(request, held === undefined ? [] : holdTags(found.id, held)),
    ],
    ...(hooks.length === 0 ? {} : { LifecycleHookSpecificationList: hooks }),
  }
  await region.caller.call('autoScaling', 'CreateAutoScalingGroup', input, signal)
  // Side by side, for a change of many calls must end in its time where each takes seconds.
  await Promise.all([
    stopRebalancing(region, group, held, signal),
    copyParts(copying(region, like, { clone: group, routes }, signal)),
  ])
  await wholeNow(region, group, signal)
}

/** Makes what a group lacks whose maker died. One that is to be like itself has lost its original, and stays as it is. */
async function complete(region: Region, found: FoundGroups, request: GroupRequest, signal: AbortSignal): Promise<void> {
  const like = groupIn(found, request.like, 'ensureGroup')
  const { TargetGroupARNs: routes = [], Tags: tags } = groupIn(found, request.group, 'ensureGroup')
  await stopRebalancing(
    region,
    request.group,
    holdsOf(found.id, tags).find((one) => one.kind === 'scale-in'),
    signal,
  )
  if (request.like !== request.group) await copyParts(copying(region, like, { clone: request.group, routes }, signal))
  await wholeNow(region, request.group, signal)
}

/** No instance bears them. Where a target group's name is not its route's, the group says which it is. */
function ownTags({ binding }: GroupRequest, tags: readonly { readonly Key: string; readonly Value: string }[]) {
  const all = [...tags, ...(binding === undefined ? [] : bindingTags(binding))]
  return all.map((tag) => ({ ...tag, PropagateAtLaunch: false }))
}

function copying(
  { caller, now }: Region,
  group: AutoScalingGroup,
  { clone, routes }: { readonly clone: string; readonly routes: readonly string[] },
  signal: AbortSignal,
): Copying {
  const [original, own] = [group.TargetGroupARNs?.[0], routes[0]]
  const targetGroups = new Map(original === undefined || own === undefined ? [] : [[original, own]])
  return { caller, group, clone, targetGroups, now: now(), signal }
}
