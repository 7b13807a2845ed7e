import { callFailed, rolloutError } from '../../../src/core/errors.ts'
import {
  detailsFrom,
  isImageAlias,
  parseImageRef,
  type ImageAlias,
  type ImageDetails,
  type ImageRef,
} from '../../../src/core/image.ts'
import type { Caller } from '../sdk/caller.ts'
import type { OutputOf } from '../sdk/services.ts'
import { amiRef, amiScheme } from './ref.ts'

/** An image as EC2 describes it. */
export type Ami = NonNullable<OutputOf<'ec2', 'DescribeImages'>['Images']>[number]

/** What finding an image needs. */
export interface Lookup {
  readonly caller: Caller
  readonly region: string
  readonly signal: AbortSignal
}

/** An image by reference, text or alias. @throws RolloutError `image-invalid`, or `call-failed` of class `not-found`. */
export async function findImage(lookup: Lookup, image: string | ImageRef | ImageAlias): Promise<ImageRef> {
  if (isImageAlias(image)) return amiRef(lookup.region, await resolveAlias(lookup, image))
  return typeof image === 'string' ? parseImageRef(image, [amiScheme(lookup.region)]) : image
}

/** Everything EC2 knows about an image, disabled and deprecated ones included, so that there is a reason rather than an empty list. */
export async function readImage({ caller, signal }: Lookup, id: string): Promise<Ami> {
  const input = { ImageIds: [id], IncludeDisabled: true, IncludeDeprecated: true }
  const { Images: found } = await caller.call('ec2', 'DescribeImages', input, signal)
  const image = found?.[0]
  if (image === undefined)
    throw callFailed('not-found', 'ec2.DescribeImages', `There is no image ${id} that this account may see.`)
  return image
}

/** What an image's tags and dates say about it. */
export function detailsOf({ Tags: tags = [], CreationDate: created }: Ami): ImageDetails {
  const labels = Object.fromEntries(tags.map(({ Key: key = '', Value: value = '' }) => [key, value]))
  return detailsFrom(labels, created === undefined ? undefined : Date.parse(created))
}

async function resolveAlias(lookup: Lookup, { alias, kind }: ImageAlias): Promise<string> {
  switch (kind) {
    case 'ssm-parameter':
      return await fromParameter(lookup, alias)
    case 'ami-name':
      return await newest(lookup, alias)
    case 'launch-template':
      return await fromTemplate(lookup, alias)
    default:
      throw rolloutError('image-invalid', `AWS has no image names of the kind ${kind}.`, {
        image: alias,
        why: `the kinds are ssm-parameter, ami-name and launch-template`,
      })
  }
}

async function fromParameter({ caller, signal }: Lookup, name: string): Promise<string> {
  const { Parameter: parameter } = await caller.call('ssm', 'GetParameter', { Name: name }, signal)
  return imageId(parameter?.Value, `the SSM parameter ${name}`)
}

async function newest({ caller, signal }: Lookup, alias: string): Promise<string> {
  const [owner = '', ...name] = alias.split('/')
  const filters = [
    { Name: 'name', Values: [name.join('/')] },
    { Name: 'state', Values: ['available'] },
  ]
  const { Images: found = [] } = await caller.call('ec2', 'DescribeImages', { Owners: [owner], Filters: filters }, signal)
  const [first] = found.toSorted((a, b) => (b.CreationDate ?? '').localeCompare(a.CreationDate ?? ''))
  return imageId(first?.ImageId, `the newest image ${name.join('/')} of ${owner}`)
}

async function fromTemplate({ caller, signal }: Lookup, alias: string): Promise<string> {
  const [template = '', version = '$Default'] = alias.split('/')
  const named = template.startsWith('lt-') ? { LaunchTemplateId: template } : { LaunchTemplateName: template }
  const input = { ...named, Versions: [version] }
  const { LaunchTemplateVersions: found } = await caller.call('ec2', 'DescribeLaunchTemplateVersions', input, signal)
  return imageId(found?.[0]?.LaunchTemplateData?.ImageId, `version ${version} of the launch template ${template}`)
}

function imageId(value: string | undefined, where: string): string {
  if (value !== undefined && value.startsWith('ami-')) return value
  throw callFailed('not-found', 'resolve', `There is no image id in ${where}${value === undefined ? '' : `, but "${value}"`}.`)
}
