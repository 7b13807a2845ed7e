import { unlessAbsent } from '../../../src/core/errors.ts'
import type { Caller } from '../sdk/caller.ts'
import type { OutputOf } from '../sdk/services.ts'

/** What a launch template's version says, as EC2 gives it back. */
export type LaunchData = NonNullable<VersionAnswer['LaunchTemplateData']>

type VersionAnswer = NonNullable<OutputOf<'ec2', 'DescribeLaunchTemplateVersions'>['LaunchTemplateVersions']>[number]

/** One version of a launch template. It never changes; which one `$Latest` and `$Default` are does. */
export interface TemplateVersion {
  /** `lt-0fed…` */
  readonly template: string
  readonly version: string
  readonly data: LaunchData
}

/** Which version is wanted: a number, `$Latest` or `$Default`. */
export interface TemplateQuery {
  readonly template: string
  readonly version: string
}

/** Reads versions of launch templates, each number once for good. */
export interface TemplateReader {
  /** By {@link keyOf} of what was asked; a version that was deleted is left out. */
  read(queries: readonly TemplateQuery[], signal: AbortSignal): Promise<ReadonlyMap<string, TemplateVersion>>
}

/** So many are remembered; the oldest are forgotten first. */
const REMEMBERED = 1_000
/** EC2 takes no more versions in one call. */
const VERSIONS_A_CALL = 200

/** Makes a reader that remembers what cannot change. */
export function createTemplateReader(caller: Caller): TemplateReader {
  const known = new Map<string, TemplateVersion>()
  const remember = (key: string, found: TemplateVersion) => {
    known.set(key, found)
    if (known.size > REMEMBERED) known.delete(known.keys().next().value!)
  }
  return {
    async read(queries, signal) {
      const found = new Map<string, TemplateVersion>()
      const missing = new Map<string, Set<string>>()
      for (const query of queries) {
        const remembered = known.get(keyOf(query))
        if (remembered !== undefined) found.set(keyOf(query), remembered)
        else missing.set(query.template, (missing.get(query.template) ?? new Set()).add(query.version))
      }
      for (const [template, versions] of missing)
        for (const [key, version] of await readVersions(caller, template, [...versions], signal)) {
          found.set(key, version)
          if (isFixed(key)) remember(key, version)
        }
      return found
    },
  }
}

/** How a release names the version that it is kept in. */
export function keyOf({ template, version }: TemplateQuery): string {
  return `${template}:${version}`
}

/** The other way round. */
export function parseKey(key: string): TemplateQuery {
  const [template = '', version = ''] = key.split(':')
  return { template, version }
}

async function readVersions(
  caller: Caller,
  template: string,
  versions: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, TemplateVersion>> {
  const found = new Map<string, TemplateVersion>()
  for (let from = 0; from < versions.length; from += VERSIONS_A_CALL) {
    const answer = await describeVersions(caller, template, versions.slice(from, from + VERSIONS_A_CALL), signal)
    for (const { VersionNumber: number, LaunchTemplateData: data, DefaultVersion: isDefault } of answer) {
      if (number === undefined || data === undefined) continue
      const one = { template, version: String(number), data }
      found.set(keyOf(one), one)
      if (isDefault === true) found.set(keyOf({ template, version: DEFAULT }), one)
    }
  }
  // The answer does not say which one is the latest, but no number is larger.
  const latest = [...found.values()].sort((a, b) => Number(b.version) - Number(a.version))[0]
  if (latest !== undefined && versions.includes(LATEST)) found.set(keyOf({ template, version: LATEST }), latest)
  return found
}

/** One that is gone has EC2 refuse all of them: then each is asked for by itself. */
async function describeVersions(
  caller: Caller,
  template: string,
  versions: readonly string[],
  signal: AbortSignal,
): Promise<readonly VersionAnswer[]> {
  const input = { LaunchTemplateId: template, Versions: [...versions] }
  const answer = await caller.call('ec2', 'DescribeLaunchTemplateVersions', input, signal).catch(unlessAbsent)
  if (answer !== undefined) return answer.LaunchTemplateVersions ?? []
  if (versions.length === 1) return []
  return (await Promise.all(versions.map((one) => describeVersions(caller, template, [one], signal)))).flat()
}

const LATEST = '$Latest'
const DEFAULT = '$Default'

function isFixed(key: string): boolean {
  return !parseKey(key).version.startsWith('$')
}
