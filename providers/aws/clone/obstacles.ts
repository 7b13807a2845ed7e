import { nameOf, type AutoScalingGroup } from '../fleet/group.ts'
import type { LaunchData } from '../launch/templates.ts'
import type { Region } from '../region.ts'
import { GROUP, type NewGroup } from './group-table.ts'
import { partObstacles } from './parts/index.ts'
import { poolOf } from './parts/warm-pool.ts'
import { treat } from './treatment.ts'

/** AWS lets a group, or an instance, have so many tags. */
const TAGS = 50
/** A group that is rolled bears so many more: whose it is, who made it, and two for each hold. */
const OWN_TAGS = 7

/** Why a group cannot be cloned: what a clone could not have, or would silently go without. */
export async function cloneObstacles({ caller, now }: Region, group: AutoScalingGroup, signal: AbortSignal): Promise<string[]> {
  const ofGroup = treat<AutoScalingGroup, NewGroup>(group, GROUP).refusals.map(({ member, why }) => `${member}: ${why}`)
  const ofParts = await partObstacles({ caller, group, now: now(), signal })
  return [...ofGroup, ...ofParts, ...tagObstacles(group)].map((why) => `${nameOf(group)} cannot be cloned: ${why}`)
}

/** Why the instances of a group cannot be replaced in it. */
export function inPlaceObstacles(group: AutoScalingGroup): string[] {
  const { refusals } = treat<AutoScalingGroup, NewGroup>(
    { MixedInstancesPolicy: group.MixedInstancesPolicy } as AutoScalingGroup,
    GROUP,
  )
  return [
    ...refusals.map(({ member, why }) => `${member}: ${why}`),
    ...poolOf(group).map(
      () => 'its warm pool would go on to bring instances of the old image; delete the pool first, or clone the group',
    ),
    ...tagObstacles(group),
  ].map((why) => `${nameOf(group)} cannot be rolled in place: ${why}`)
}

function tagObstacles({ Tags: tags = [] }: AutoScalingGroup): string[] {
  const own = tags.filter(({ Key: key = '' }) => !key.startsWith('imago:')).length
  return own + OWN_TAGS <= TAGS ? [] : [`it has ${own} tags, and needs ${OWN_TAGS} more of the ${TAGS} that a group can have`]
}

/** Why the instances of a group cannot be marked with their release, beside the tags that template and group give them. */
export function instanceTagObstacles(
  { Tags: tags = [] }: AutoScalingGroup,
  { TagSpecifications: specified = [] }: LaunchData,
): string[] {
  const ofTemplate = specified.filter((one) => one.ResourceType === 'instance').flatMap((one) => one.Tags ?? [])
  const all = new Set([...tags.filter((one) => one.PropagateAtLaunch === true), ...ofTemplate].map((one) => one.Key ?? ''))
  const own = [...all].filter((key) => !key.startsWith('imago:')).length
  return own < TAGS ? [] : [`instances get ${own} tags, and need one more of the ${TAGS} that an instance can have`]
}
