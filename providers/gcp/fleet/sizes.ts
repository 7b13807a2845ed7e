import type { InstanceView, ReleaseId } from '../../../src/core/snapshot.ts'
import { byLaunch } from './instances.ts'
import { marksOf } from '../marks.ts'
import type { FixedOrPercent, Manager, Version } from '../sdk/resources.ts'

/** The versions of a group; one that was made without any launches its own template. */
export function versionsOf({ versions = [], instanceTemplate }: Manager): readonly Version[] {
  if (versions.length > 0) return versions
  return instanceTemplate === undefined || instanceTemplate === '' ? [] : [{ instanceTemplate }]
}

/** The version of which there is whatever the others leave: what the group grows by. */
export function restOf(versions: readonly Version[]): Version | undefined {
  return versions.find((one) => one.targetSize === undefined) ?? versions.at(-1)
}

/** What a group shall have of each release. */
export interface Sized {
  readonly group: Manager
  /** The releases of its versions, in their order. */
  readonly releases: readonly ReleaseId[]
  readonly instances: readonly InstanceView[]
}

/**
 * Desired instances by release: what each version asks for, and of the last one the rest. Instances of a release that no version names any
 * more stay until somebody replaces them, and take their places of that rest: the earlier ones, for what a group's updater has launched beyond
 * the size is no part of it.
 */
export function sizesOf({ group, releases, instances }: Sized): Record<ReleaseId, number> {
  const { size: targetSize = group.targetSize ?? 0 } = marksOf(group)
  const versions = versionsOf(group)
  const rest = restOf(versions)
  const sizes: Record<ReleaseId, number> = {}
  const add = (release: ReleaseId, count: number) => void (sizes[release] = (sizes[release] ?? 0) + count)
  versions.forEach((one, at) => void (one !== rest && add(releases[at] ?? '', askedFor(one.targetSize, targetSize))))
  const left = () => Math.max(0, targetSize - Object.values(sizes).reduce((sum, size) => sum + size, 0))
  const strays = instances.filter((one) => !releases.includes(one.release) && one.state !== 'terminating')
  const earliest = strays.toSorted(byLaunch).slice(0, left())
  for (const one of earliest) add(one.release, 1)
  const last = rest === undefined ? undefined : releases[versions.indexOf(rest)]
  if (last !== undefined) add(last, left())
  return sizes
}

/** Google rounds a share up, in favour of the version that asks for it. */
function askedFor({ calculated, fixed, percent }: FixedOrPercent = {}, size: number): number {
  return calculated ?? (fixed === undefined ? Math.ceil(((percent ?? 0) * size) / 100) : Math.min(fixed, size))
}
