import { callFailed } from '../../../src/core/errors.ts'
import type { FleetTarget, GroupRequest } from '../../../src/core/ports.ts'
import { GROUP, type NewGroup } from '../clone/group-table.ts'
import { hooksOf } from '../clone/separate.ts'
import { templateFor, type SealedLaunch } from '../clone/template.ts'
import { treat } from '../clone/treatment.ts'
import { describe } from '../fleet/describe.ts'
import { findGroups, type AutoScalingGroup, type FoundGroups } from '../fleet/groups.ts'
import { holdsOf } from '../fleet/holds.ts'
import type { TemplateQuery } from '../launch/templates.ts'
import { MARKS, markRollout, markValue } from '../marks.ts'
import type { Region } from '../region.ts'
import { targetGroupArn } from '../router/target-groups.ts'
import { groupIn } from './group.ts'
import { grow, totalOf } from './sizes.ts'

/** See `FleetProvider.ensureGroup`. */
export async function ensureGroup(
  region: Region,
  target: FleetTarget,
  request: GroupRequest,
  token: string,
  signal: AbortSignal,
): Promise<void> {
  const look = await describe(region, target, signal)
  const there = look.groups.find((one) => one.id === request.group)
  if (there === undefined) return await create(region, target, request, token, signal)
  const { release, size } = request
  if (target.placement.kind === 'clone' && there.release !== release.id)
    throw callFailed('conflict', 'ensureGroup', `The group ${there.id} launches ${there.release}, not ${release.id}.`)
  if (there.release !== release.id) await launchFrom(region, look.fleet, request, token, signal)
  const grown = { [release.id]: Math.max(there.sizes[release.id] ?? 0, size) }
  const total = totalOf(there, grown, { ...look.releases, [release.id]: release }, 'ensureGroup')
  if (total > totalOf(there, {}, look.releases, 'ensureGroup')) await grow(region, there, total, signal)
}

/** In place the group launches the new release from now on, beside the instances that are there. */
async function launchFrom(
  region: Region,
  fleet: string,
  request: GroupRequest,
  token: string,
  signal: AbortSignal,
): Promise<void> {
  const template = await templateOf(region, fleet, request, token, signal)
  const input = { AutoScalingGroupName: request.group, LaunchTemplate: specification(template) }
  await region.caller.call('autoScaling', 'UpdateAutoScalingGroup', input, signal)
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
  const hooks = await hooksOf(region, like, signal)
  const { group, size } = request
  const template = await templateOf(region, found.id, request, token, signal)
  const input = {
    ...settings,
    AutoScalingGroupName: group,
    ...launching(like, template),
    // A group cannot be made with a minimum above its size; it gets the one it was meant to have when it is let go.
    MinSize: Math.min(ownMin(found, like), size),
    MaxSize: like.MaxSize ?? size,
    DesiredCapacity: size,
    ...(routes.length === 0 ? {} : { TargetGroupARNs: routes }),
    Tags: [...(settings.Tags ?? []), ...marks(found, request)],
    ...(hooks.length === 0 ? {} : { LifecycleHookSpecificationList: hooks }),
  }
  await region.caller.call('autoScaling', 'CreateAutoScalingGroup', input, signal)
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

/** The group is the fleet's, and the rollout's, from its first moment. */
function marks({ id }: FoundGroups, { rolloutId }: GroupRequest) {
  const values = { [MARKS.fleet]: markValue(id), [MARKS.rollout]: markRollout(id, rolloutId) }
  return Object.entries(values).map(([key, value]) => ({ Key: key, Value: value, PropagateAtLaunch: false }))
}

/** The minimum of a group while nobody holds it. */
function ownMin({ id }: FoundGroups, group: AutoScalingGroup): number {
  const held = holdsOf(id, group.Tags).find((one) => one.kind === 'scale-in')
  return held?.previousMin ?? group.MinSize ?? 0
}

function checkSize({ group, size }: GroupRequest, max: number): void {
  if (!Number.isInteger(size) || size < 0)
    throw callFailed('invalid', 'ensureGroup', `The group ${group} cannot have ${size} instances.`)
  if (size > max) throw callFailed('quota', 'ensureGroup', `The group ${group} can have ${max} instances at most, not ${size}.`)
}
