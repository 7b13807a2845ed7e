import type { RequestLaunchTemplateData } from '@aws-sdk/client-ec2'
import { createHash } from 'node:crypto'
import { callFailed, isRolloutError } from '../../../src/core/errors.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import type { Release } from '../../../src/core/snapshot.ts'
import { LAUNCH } from '../launch/launch-table.ts'
import { releaseOf } from '../launch/release.ts'
import { changeLaunch } from '../launch/settings.ts'
import { parseKey, type LaunchData, type TemplateQuery } from '../launch/templates.ts'
import { isMark, MARKS, markValue } from '../marks.ts'
import type { Region } from '../region.ts'
import { treat } from './treatment.ts'

/** What a plan keeps sealed of a release: which version it changes, and how. */
export interface SealedLaunch {
  readonly base: string
  readonly changes: JsonObject
}

/** A template that is wanted. */
export interface WantedTemplate {
  /** The fleet's id. */
  readonly fleet: string
  readonly name: string
  readonly release: Release
  readonly sealed: SealedLaunch | null
}

/** The template that launches a release: the one that keeps it, or a new one of this name, with the fleet's mark. */
export async function templateFor(
  region: Region,
  { fleet, name, release, sealed }: WantedTemplate,
  token: string,
  signal: AbortSignal,
): Promise<TemplateQuery> {
  if (release.template !== undefined) return parseKey(release.template)
  if (sealed === null)
    throw callFailed('not-found', 'ensureGroup', `No launch template keeps ${release.id}, and no settings were given.`)
  const { caller, templates } = region
  const base = (await templates.read([parseKey(sealed.base)], signal)).get(sealed.base)
  if (base === undefined) throw callFailed('not-found', 'ensureGroup', `The launch template version ${sealed.base} is gone.`)
  const input = {
    LaunchTemplateName: name,
    LaunchTemplateData: launchData(changeLaunch(base.data, sealed.changes), release),
    TagSpecifications: [{ ResourceType: 'launch-template' as const, Tags: [{ Key: MARKS.fleet, Value: markValue(fleet) }] }],
    ClientToken: createHash('sha256').update(token).digest('hex'),
  }
  try {
    const { LaunchTemplate: made } = await caller.call('ec2', 'CreateLaunchTemplate', input, signal)
    return { template: made?.LaunchTemplateId ?? '', version: '1' }
  } catch (error) {
    if (!isRolloutError(error, 'call-failed') || error.facts.native !== NAME_IN_USE) throw error
    return await madeBefore(region, name, release, signal)
  }
}

const NAME_IN_USE = 'InvalidLaunchTemplateName.AlreadyExistsException'

/** The template of this name, if it is what would have been made. @throws RolloutError `call-failed` of class `conflict` when it is not. */
async function madeBefore(
  { caller, name: region }: Region,
  name: string,
  release: Release,
  signal: AbortSignal,
): Promise<TemplateQuery> {
  const input = { LaunchTemplateName: name, Versions: ['1'] }
  const { LaunchTemplateVersions: found } = await caller.call('ec2', 'DescribeLaunchTemplateVersions', input, signal)
  const { LaunchTemplateId: template = '', LaunchTemplateData: data } = found?.[0] ?? {}
  if (data !== undefined && releaseOf(region, { template, version: '1', data })?.id === release.id)
    return { template, version: '1' }
  throw callFailed(
    'conflict',
    'ensureGroup',
    `There is another launch template ${name}; take it away, or roll under another name.`,
  )
}

/** Settings as a request takes them: the image, and its instances marked with their release as they are made. */
function launchData(data: LaunchData, release: Release): RequestLaunchTemplateData {
  const { TagSpecifications: specified = [] } = data
  const others = specified.filter((one) => one.ResourceType !== 'instance')
  const tags = specified.filter((one) => one.ResourceType === 'instance').flatMap((one) => one.Tags ?? [])
  const mark = { Key: MARKS.release, Value: release.id }
  return {
    ...treat<LaunchData, RequestLaunchTemplateData>(data, LAUNCH).settings,
    ImageId: release.image.id,
    TagSpecifications: [...others, { ResourceType: 'instance', Tags: [...tags.filter((one) => !isMark(one)), mark] }],
  }
}
