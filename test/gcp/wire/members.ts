import type { GroupRecord, InstanceRecord, VersionRecord } from './project.ts'

/** How many instances a version asks for; the one that does not say has what the others leave. */
export function calculated(group: GroupRecord, { fixed, percent }: VersionRecord): number | undefined {
  if (fixed !== undefined) return Math.min(fixed, group.targetSize)
  return percent === undefined ? undefined : Math.ceil((percent * group.targetSize) / 100)
}

/** Whether every instance is of a version that is asked for, in the number that is. */
export function isReached(group: GroupRecord): boolean {
  return outdated(group).length === 0
}

/** Whether nothing changes and nothing is to. */
export function isStable(group: GroupRecord): boolean {
  const members = [...group.instances.values()]
  const isWaiting = group.updateType === 'PROACTIVE' && !isReached(group)
  return members.length === group.targetSize && members.every((one) => one.action === 'NONE') && !isWaiting
}

/** Instances that are not on their way out. */
export function staying({ instances }: GroupRecord): InstanceRecord[] {
  return [...instances.values()].filter((one) => one.action !== 'DELETING')
}

/** Whether an instance serves, as far as its group knows. */
export function isAvailable(group: GroupRecord, { action, health }: InstanceRecord): boolean {
  return action === 'NONE' && (!group.healthChecked || health === 'HEALTHY')
}

/** Instances of versions that nobody asks for, and of each what is beyond the number that is asked for; those that do not serve first. */
export function outdated(group: GroupRecord): InstanceRecord[] {
  const members = staying(group).toSorted((a, b) => Number(isAvailable(group, a)) - Number(isAvailable(group, b)))
  const strays = members.filter((one) => group.versions.every((version) => !isOf(one, version)))
  const beyond = group.versions.flatMap((version) => {
    if (calculated(group, version) === undefined) return []
    const own = members.filter((one) => isOf(one, version))
    return own.slice(0, Math.max(0, own.length - targetOf(group, version)))
  })
  return [...strays, ...beyond]
}

/** The version that lacks instances; one that is complete where none does. */
export function shortVersion(group: GroupRecord): VersionRecord | undefined {
  const count = (version: VersionRecord) => staying(group).filter((one) => isOf(one, version)).length
  return group.versions.find((one) => count(one) < targetOf(group, one)) ?? group.versions[0]
}

/** The same template under another name is another version. */
function isOf({ template, versionName }: InstanceRecord, version: VersionRecord): boolean {
  return template === version.template && versionName === version.name
}

function targetOf(group: GroupRecord, version: VersionRecord): number {
  const others = group.versions.filter((one) => one !== version)
  return calculated(group, version) ?? group.targetSize - others.reduce((sum, one) => sum + (calculated(group, one) ?? 0), 0)
}
