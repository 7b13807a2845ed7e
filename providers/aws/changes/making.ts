import { callFailed } from '../../../src/core/errors.ts'
import type { FleetTarget, GroupRequest } from '../../../src/core/ports.ts'
import type { NewGroup } from '../clone/group-table.ts'
import { templateFor, type SealedLaunch } from '../clone/template.ts'
import type { AutoScalingGroup } from '../fleet/group.ts'
import type { FoundGroups } from '../fleet/groups.ts'
import { holdsOf, type HoldMark } from '../fleet/holds.ts'
import type { TemplateQuery } from '../launch/templates.ts'
import { MARKS, markRollout, markValue } from '../marks.ts'
import { LAUNCH_TEMPLATE, shortened } from '../names.ts'
import type { Region } from '../region.ts'

/** A group that shall be, for whom, and by which call. */
export interface Making {
  readonly region: Region
  readonly target: FleetTarget
  readonly request: GroupRequest
  readonly token: string
  readonly signal: AbortSignal
}

/** The version of a launch template that launches the release, made where it is not kept yet. */
export async function templateOf({ region, request, token, signal }: Making, fleet: string): Promise<TemplateQuery> {
  const { group, release, sealed } = request
  const name = shortened(`${group}-${release.id}`, LAUNCH_TEMPLATE)
  const wanted = { fleet, name, release, sealed: sealed as SealedLaunch | null }
  return await templateFor(region, wanted, token, signal)
}

/** Says that a group has everything. */
export async function wholeNow({ caller }: Region, group: string, signal: AbortSignal): Promise<void> {
  const tag = { ResourceId: group, ResourceType: 'auto-scaling-group', Key: MARKS.partial }
  await caller.call('autoScaling', 'DeleteTags', { Tags: [tag] }, signal)
}

/** By itself, or at the top of a mixed instances policy, whose overrides have none of their own. */
export function launching({ MixedInstancesPolicy: mixed }: AutoScalingGroup, template: TemplateQuery): Partial<NewGroup> {
  const from = specification(template)
  if (mixed === undefined) return { LaunchTemplate: from }
  return { MixedInstancesPolicy: { ...mixed, LaunchTemplate: { ...mixed.LaunchTemplate, LaunchTemplateSpecification: from } } }
}

function specification({ template, version }: TemplateQuery) {
  return { LaunchTemplateId: template, Version: version }
}

/** The group is the fleet's, and the rollout's, from its first moment; and made in part. */
export function marks({ id }: FoundGroups, { rolloutId, like }: GroupRequest) {
  const values = { [MARKS.fleet]: markValue(id), [MARKS.rollout]: markRollout(id, rolloutId), [MARKS.partial]: markValue(like) }
  return Object.entries(values).map(([key, value]) => ({ Key: key, Value: value, PropagateAtLaunch: false }))
}

/** What a group has while nobody holds it: its minimum, and whether its instances are protected as they start. */
export function ownSettings({ id }: FoundGroups, group: AutoScalingGroup): { readonly min: number; readonly guarded: boolean } {
  const held = holdsOf(id, group.Tags).find((one) => one.previousMin !== undefined)
  return held === undefined
    ? { min: group.MinSize ?? 0, guarded: group.NewInstancesProtectedFromScaleIn === true }
    : { min: held.previousMin ?? 0, guarded: held.protected === true }
}

/** The hold by which a rollout keeps scale-in from the group that another is made like. */
export function heldBy({ id }: FoundGroups, like: AutoScalingGroup, rolloutId: string): HoldMark | undefined {
  return holdsOf(id, like.Tags).find((one) => one.kind === 'scale-in' && one.previousMin !== undefined && one.owner === rolloutId)
}

/** @throws RolloutError `call-failed` for a size that no group can have, or this one cannot. */
export function checkSize({ group, size }: GroupRequest, max: number): void {
  if (!Number.isInteger(size) || size < 0)
    throw callFailed('invalid', 'ensureGroup', `The group ${group} cannot have ${size} instances.`)
  if (size > max) throw callFailed('quota', 'ensureGroup', `The group ${group} can have ${max} instances at most, not ${size}.`)
}
