import { unlessAbsent } from '../../../src/core/errors.ts'
import { templatesOf } from '../fleet/describe.ts'
import type { AutoScalingGroup } from '../fleet/group.ts'
import type { FoundGroups } from '../fleet/groups.ts'
import { stateOf } from '../fleet/states.ts'
import { MARKS, markValue } from '../marks.ts'
import type { Region } from '../region.ts'
import { readPages } from '../sdk/pages.ts'

/** EC2 describes no more in one call. */
const TEMPLATES_A_PAGE = 200

/**
 * Deletes the launch templates that were made for this fleet and that no group or instance of it was launched from: those of groups that
 * are gone, of releases that were replaced, and of groups that were never made. A fleet has them looked for when its claim is released.
 */
export async function deleteSpareTemplates({ caller }: Region, { id, groups }: FoundGroups, signal: AbortSignal): Promise<void> {
  const used = new Set(
    groups
      .map(withoutEnding)
      .flatMap(templatesOf)
      .map((one) => one.template),
  )
  const query = { Filters: [{ Name: `tag:${MARKS.fleet}`, Values: [markValue(id)] }], MaxResults: TEMPLATES_A_PAGE }
  const pages = await readPages((next) => caller.call('ec2', 'DescribeLaunchTemplates', { ...query, ...next }, signal))
  for (const { LaunchTemplateId: template = '' } of pages.flatMap((page) => page.LaunchTemplates ?? []))
    // A list may still show what is gone.
    if (!used.has(template))
      await caller.call('ec2', 'DeleteLaunchTemplate', { LaunchTemplateId: template }, signal).catch(unlessAbsent)
}

/** What is on its way out needs its launch template no more. */
function withoutEnding(group: AutoScalingGroup): AutoScalingGroup {
  const staying = (group.Instances ?? []).filter((one) => stateOf(one.LifecycleState, one.HealthStatus) !== 'terminating')
  return { ...group, Instances: staying }
}
