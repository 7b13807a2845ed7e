import { callFailed } from '../../../src/core/errors.ts'
import type { FleetTarget, GroupRequest } from '../../../src/core/ports.ts'
import { GROUP, type NewGroup } from '../clone/group-table.ts'
import { hooksOf } from '../clone/hooks.ts'
import { copyParts } from '../clone/parts/index.ts'
import type { Copying } from '../clone/parts/part.ts'
import { templateFor, type SealedLaunch } from '../clone/template.ts'
import { treat } from '../clone/treatment.ts'
import { describe } from '../fleet/describe.ts'
import type { AutoScalingGroup } from '../fleet/group.ts'
import { findGroups, type FoundGroups } from '../fleet/groups.ts'
import { holdsOf } from '../fleet/holds.ts'
import type { TemplateQuery } from '../launch/templates.ts'
import { MARKS, markRollout, markValue } from '../marks.ts'
import type { Region } from '../region.ts'
import { targetGroupArn } from '../router/target-groups.ts'
import { groupIn } from './group.ts'
import { grow, totalOf } from './sizes.ts'

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
  const isSlot = target.placement.kind === 'slots'
  if (isSlot && (there === undefined || there.partial === true)) return await fill(region, target, request, token, signal)
  if (there === undefined) return await create(region, target, request, token, signal)
  const { release, size } = request
  if (target.placement.kind !== 'in-place' && there.release !== release.id)
    throw callFailed('conflict', 'ensureGroup', `The group ${there.id} launches ${there.release}, not ${release.id}.`)
  if (there.partial === true) await complete(region, await findGroups(region, target, signal), request, signal)
  if (there.release !== release.id) await launchFrom(region, target, request, token, signal)
  const grown = { [release.id]: Math.max(there.sizes[release.id] ?? 0, size) }
  const total = totalOf(there, grown, { ...look.releases, [release.id]: release }, 'ensureGroup')
  if (total > totalOf(there, {}, look.releases, 'ensureGroup')) await grow(region, there, total, signal)
}

/** In place the group launches the new release from now on, beside the instances that are there. */
async function launchFrom(
  region: Region,
  target: FleetTarget,
  request: GroupRequest,
  token: string,
  signal: AbortSignal,
): Promise<void> {
  const found = await findGroups(region, target, signal)
  const template = await templateOf(region, found.id, request, token, signal)
  const input = { AutoScalingGroupName: request.group, ...launching(groupIn(found, request.group, 'ensureGroup'), template) }
  await region.caller.call('autoScaling', 'UpdateAutoScalingGroup', input, signal)
}

/** A slot launches the new release from now on, within the bounds of the group that serves. It bears its marks before it has instances. */
async function fill(
  region: Region,
  target: FleetTarget,
  request: GroupRequest,
  token: string,
  signal: AbortSignal,
): Promise<void> {
  const found = await findGroups(region, target, signal)
  const slot = groupIn(found, request.group, 'ensureGroup')
  const like = groupIn(found, request.like, 'ensureGroup')
  const max = Math.max(like.MaxSize ?? 0, slot.MaxSize ?? 0)
  checkSize(request, max)
  const { group, size } = request
  const template = await templateOf(region, found.id, request, token, signal)
  const tags = marks(found, request).map((tag) => ({ ...tag, ResourceId: group, ResourceType: 'auto-scaling-group' }))
  await region.caller.call('autoScaling', 'CreateOrUpdateTags', { Tags: tags }, signal)
  const input = {
    AutoScalingGroupName: group,
    ...launching(slot, template),
    MinSize: Math.min(ownSettings(found, like).min, size),
    MaxSize: max,
    DesiredCapacity: size,
  }
  await region.caller.call('autoScaling', 'UpdateAutoScalingGroup', input, signal)
  await wholeNow(region, group, signal)
}

async function templateOf(region: Region, fleet: string, request: GroupRequest, token: string, signal: AbortSignal) {
  const { group, release, sealed } = request
  const wanted = { fleet, name: `${group}-${release.id}`, release, sealed: sealed as SealedLaunch | null }
  return await templateFor(region, wanted, token, signal)
}

async function create(
  region: Region,
  target: FleetTarget,
  request: GroupRequest,
  token: string,
  signal: AbortSignal,
): Promise<void> {
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
  const template = await templateOf(region, found.id, request, token, signal)
  const input = {
    ...settings,
    AutoScalingGroupName: group,
    ...launching(like, template),
    // A group cannot be made with a minimum above its size; it gets the one it was meant to have when it is let go.
    MinSize: Math.min(own.min, size),
    NewInstancesProtectedFromScaleIn: own.guarded,
    MaxSize: like.MaxSize ?? size,
    DesiredCapacity: size,
    ...(routes.length === 0 ? {} : { TargetGroupARNs: routes }),
    Tags: [...(settings.Tags ?? []), ...marks(found, request)],
    ...(hooks.length === 0 ? {} : { LifecycleHookSpecificationList: hooks }),
  }
  await region.caller.call('autoScaling', 'CreateAutoScalingGroup', input, signal)
  await copyParts(copying(region, like, { clone: group, routes }, signal))
  await wholeNow(region, group, signal)
}

/** Makes what a group lacks whose maker died. One that is to be like itself has lost its original, and stays as it is. */
async function complete(region: Region, found: FoundGroups, request: GroupRequest, signal: AbortSignal): Promise<void> {
  const like = groupIn(found, request.like, 'ensureGroup')
  const routes = groupIn(found, request.group, 'ensureGroup').TargetGroupARNs ?? []
  if (request.like !== request.group) await copyParts(copying(region, like, { clone: request.group, routes }, signal))
  await wholeNow(region, request.group, signal)
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

async function wholeNow({ caller }: Region, group: string, signal: AbortSignal): Promise<void> {
  const tag = { ResourceId: group, ResourceType: 'auto-scaling-group', Key: MARKS.partial }
  await caller.call('autoScaling', 'DeleteTags', { Tags: [tag] }, signal)
}

/** By itself, or at the top of a mixed instances policy, whose overrides have none of their own. */
function launching({ MixedInstancesPolicy: mixed }: AutoScalingGroup, template: TemplateQuery): Partial<NewGroup> {
  const from = specification(template)
  if (mixed === undefined) return { LaunchTemplate: from }
  return { MixedInstancesPolicy: { ...mixed, LaunchTemplate: { ...mixed.LaunchTemplate, LaunchTemplateSpecification: from } } }
}

function specification({ template, version }: TemplateQuery) {
  return { LaunchTemplateId: template, Version: version }
}

/** The group is the fleet's, and the rollout's, from its first moment; and made in part. */
function marks({ id }: FoundGroups, { rolloutId, like }: GroupRequest) {
  const values = { [MARKS.fleet]: markValue(id), [MARKS.rollout]: markRollout(id, rolloutId), [MARKS.partial]: markValue(like) }
  return Object.entries(values).map(([key, value]) => ({ Key: key, Value: value, PropagateAtLaunch: false }))
}

/** What a group has while nobody holds it: its minimum, and whether its instances are protected as they start. */
function ownSettings({ id }: FoundGroups, group: AutoScalingGroup): { readonly min: number; readonly guarded: boolean } {
  const held = holdsOf(id, group.Tags).find((one) => one.previousMin !== undefined)
  return held === undefined
    ? { min: group.MinSize ?? 0, guarded: group.NewInstancesProtectedFromScaleIn === true }
    : { min: held.previousMin ?? 0, guarded: held.protected === true }
}

function checkSize({ group, size }: GroupRequest, max: number): void {
  if (!Number.isInteger(size) || size < 0)
    throw callFailed('invalid', 'ensureGroup', `The group ${group} cannot have ${size} instances.`)
  if (size > max) throw callFailed('quota', 'ensureGroup', `The group ${group} can have ${max} instances at most, not ${size}.`)
}
