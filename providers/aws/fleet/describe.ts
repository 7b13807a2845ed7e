import { callFailed, rolloutError } from '../../../src/core/errors.ts'
import type { FleetTarget } from '../../../src/core/ports.ts'
import type { GroupView, ProviderLook, Release } from '../../../src/core/snapshot.ts'
import { releaseOf } from '../launch/release.ts'
import { keyOf, type TemplateQuery, type TemplateVersion } from '../launch/templates.ts'
import { MARKS, tagged } from '../marks.ts'
import type { Region } from '../region.ts'
import { providerFacts } from './facts.ts'
import { groupView, isAwaited } from './group-view.ts'
import { nameOf, type AutoScalingGroup } from './group.ts'
import { findGroups, isVacant } from './groups.ts'
import { holdsOf, holdView } from './holds.ts'
import { instanceView, type Ec2Instance, type Member } from './instances.ts'
import { desiredBy, launchedKey, readRefreshes, updateView, type InstanceRefresh } from './refreshes.ts'

/** One whole look at a fleet. */
export async function describe(region: Region, target: FleetTarget, signal: AbortSignal): Promise<ProviderLook> {
  const { caller } = region
  const { id, groups: found } = await findGroups(region, target, signal)
  const groups = target.placement.kind === 'slots' ? found.filter((one) => !isVacant(id, one)) : found
  const refreshed = groups.filter((one) => target.updates === true || mayBeForeign(id, one)).map(nameOf)
  const [instances, [refreshes, versions]] = await Promise.all([
    region.instances.read(groups, signal),
    readRefreshes(caller, refreshed, signal).then(async (read) => {
      const desired = [...read.values()].flatMap((one) => desiredBy(one) ?? [])
      return [read, await region.templates.read([...groups.flatMap(templatesOf), ...desired], signal)] as const
    }),
  ])
  const releases = new Map([...versions].flatMap(([key, version]) => withRelease(region.name, key, version)))
  const views = await Promise.all(
    groups.map((group) =>
      viewOf(region, { fleet: id, group, refresh: refreshes.get(nameOf(group)), instances, releases }, signal),
    ),
  )
  return {
    fleet: id,
    groups: views,
    releases: Object.fromEntries([...releases.values()].map((one) => [one.id, one])),
    // A change is either done or refused when it is answered: what it sets going shows in the group.
    handles: {},
    facts: providerFacts(groups),
  }
}

/** A refresh that somebody starts in the middle of a rollout shows by what it replaces; before one it may stand at a checkpoint. */
function mayBeForeign(fleet: string, group: AutoScalingGroup): boolean {
  return isAwaited(group) || holdsOf(fleet, group.Tags).length === 0
}

/** What was read of one group. */
interface Read {
  readonly fleet: string
  readonly group: AutoScalingGroup
  readonly refresh: InstanceRefresh | undefined
  readonly instances: ReadonlyMap<string, Ec2Instance>
  readonly releases: ReadonlyMap<string, Release>
}

async function viewOf(
  { failures }: Region,
  { fleet, group, refresh, instances: ec2, releases }: Read,
  signal: AbortSignal,
): Promise<GroupView> {
  const release = releases.get(launchedKey(refresh, templateOf(group)))?.id
  if (release === undefined) throw unread(fleet, group)
  const origin = { byVersion: (one: Member) => releases.get(versionOf(one))?.id, fallback: release }
  const instances = (group.Instances ?? []).flatMap(
    (one) => instanceView(group, one, ec2.get(one.InstanceId ?? ''), origin) ?? [],
  )
  const counted = { arn: group.AutoScalingGroupARN ?? '', name: nameOf(group), awaited: isAwaited(group) }
  const holds = holdsOf(fleet, group.Tags).map(holdView)
  const view = groupView({ fleet, group, release, instances, holds, failures: await failures.count(counted, signal) })
  return refresh === undefined ? view : { ...view, update: updateView(refresh, release) }
}

/** The version that a group launches, by itself or at the top of its mixed instances policy. */
export function templateOf(group: AutoScalingGroup): TemplateQuery {
  const { LaunchTemplate: own, MixedInstancesPolicy: mixed, LaunchConfigurationName: old } = group
  const template = own ?? mixed?.LaunchTemplate?.LaunchTemplateSpecification
  if (template?.LaunchTemplateId === undefined)
    throw unusable(
      group,
      `launches from ${old === undefined ? 'nothing' : `the launch configuration ${old}`}, not from a launch template`,
    )
  return { template: template.LaunchTemplateId, version: template.Version ?? '$Default' }
}

/** The versions that a group and its instances name. */
export function templatesOf(group: AutoScalingGroup): TemplateQuery[] {
  const launched = (group.Instances ?? []).flatMap(({ LaunchTemplate: one }) =>
    one?.LaunchTemplateId === undefined || one.Version === undefined
      ? []
      : { template: one.LaunchTemplateId, version: one.Version },
  )
  return [templateOf(group), ...launched]
}

function versionOf({ LaunchTemplate: from }: Member): string {
  return keyOf({ template: from?.LaunchTemplateId ?? '', version: from?.Version ?? '' })
}

function withRelease(region: string, key: string, version: TemplateVersion): [string, Release][] {
  const release = releaseOf(region, version)
  return release === undefined ? [] : [[key, release]]
}

/** While a rollout holds a group, the launch template may have been made so shortly before that EC2 does not show it yet. */
function unread(fleet: string, group: AutoScalingGroup) {
  const isHeld = tagged(group.Tags, MARKS.rollout) !== undefined || holdsOf(fleet, group.Tags).length > 0
  if (!isHeld) return unusable(group, 'names no image in its launch template, or one that is gone')
  const message = `EC2 shows no image in what the Auto Scaling group ${nameOf(group)} launches: its launch template is gone, or not to be seen yet.`
  return callFailed('transient', 'describe', message)
}

function unusable(group: AutoScalingGroup, why: string) {
  const problem = { path: nameOf(group), found: why, allowed: 'a group that launches from a launch template with an image' }
  return rolloutError('unsupported', `The Auto Scaling group ${nameOf(group)} ${why}; nothing was touched.`, {
    problems: [problem],
  })
}
