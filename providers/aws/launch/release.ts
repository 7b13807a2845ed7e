import { createHash } from 'node:crypto'
import { canonical, isObject } from '../../../src/core/json.ts'
import type { Release, ReleaseId } from '../../../src/core/snapshot.ts'
import { amiRef } from '../images/ref.ts'
import { isMark } from '../marks.ts'
import { keyOf, type LaunchData, type TemplateVersion } from './templates.ts'

/** The release that a version of a launch template launches. `undefined` when it names no image. */
export function releaseOf(region: string, version: TemplateVersion): Release | undefined {
  const { ImageId: id } = version.data
  if (id === undefined) return undefined
  const image = amiRef(region, id)
  const launch = launchDigest(version.data)
  return Object.freeze({ id: releaseId(id, launch), image, launch, template: keyOf(version) })
}

/** The id of an image launched with settings of this digest. */
export function releaseId(image: string, launch: string): ReleaseId {
  return `r-${digest(`${image} ${launch}`).slice(0, 12)}`
}

/** Names everything that is launched beside the image. What imago marks instances with is not part of it. */
export function launchDigest({ ImageId: _image, ...settings }: LaunchData): string {
  return `sha256-${digest(canonical(pruned(settings)))}`
}

/** What is not set, set to nothing (as Terraform sets user data), and a mark of ours all say the same: nothing. */
function pruned(value: unknown): unknown {
  if (value === '') return undefined
  if (Array.isArray(value)) {
    const kept = value.filter((one) => !isMark(one)).map(pruned)
    return kept.some((one) => one !== undefined) ? kept : undefined
  }
  if (!isObject(value) || value instanceof Date) return value
  const kept = Object.entries(value)
    .map(([key, one]) => [key, pruned(one)] as const)
    .filter(([, one]) => one !== undefined)
  return hasContent(kept) ? Object.fromEntries(kept) : undefined
}

/** A list of tags that held our marks alone is as good as none, though it still says on what. */
function hasContent(entries: readonly (readonly [string, unknown])[]): boolean {
  return entries.length > 0 && !(entries.length === 1 && entries[0]?.[0] === 'ResourceType')
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
