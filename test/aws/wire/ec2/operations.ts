import type { Account, ImageRecord, InstanceRecord, TemplateRecord } from '../account.ts'
import { Fault } from '../fault.ts'
import { page } from '../protocol/page.ts'
import { flag, part, parts, text, texts, whole, type Input } from '../protocol/query.ts'
import type { Output } from '../protocol/xml.ts'
import { versionNumber } from '../autoscaling/converge.ts'
import { launchDataOutput } from './launch-data.ts'

type Operation = (account: Account, input: Input) => Output

/** EC2, by the names of its operations; its answers are named as they are on the wire. */
export const ec2: Readonly<Record<string, Operation>> = {
  DescribeImages(account, input) {
    const ids = texts(input, 'ImageId')
    const owners = texts(input, 'Owner')
    const names = filterOf(input, 'name')
    for (const id of ids ?? []) {
      if (!/^ami-[0-9a-f]+$/.test(id)) throw new Fault('InvalidAMIID.Malformed', `Invalid id: "${id}" (expecting "ami-...")`)
      if (!account.images.has(id)) throw new Fault('InvalidAMIID.NotFound', `The image id '[${id}]' does not exist`)
    }
    const found = [...account.images.values()].filter(
      (one) =>
        (ids === undefined || ids.includes(one.id)) &&
        (owners === undefined || owners.includes(one.owner)) &&
        (names === undefined || names.some((pattern) => glob(pattern).test(one.name))) &&
        (one.state !== 'disabled' || flag(input, 'IncludeDisabled') === true),
    )
    return { imagesSet: found.map((one) => imageOutput(account, one)) }
  },

  DescribeInstanceTypes(_account, input) {
    const types = texts(input, 'InstanceType') ?? []
    return {
      instanceTypeSet: types.map((type) => ({
        instanceType: type,
        processorInfo: { supportedArchitectures: [/^[a-z]+\d+g/.test(type) ? 'arm64' : 'x86_64'] },
      })),
    }
  },

  CreateLaunchTemplate(account, input) {
    const name = text(input, 'LaunchTemplateName') ?? ''
    if (!/^[a-zA-Z0-9().\-/_]{3,128}$/.test(name))
      throw new Fault('InvalidLaunchTemplateName.MalformedException', `The launch template name '${name}' is malformed.`)
    if ([...account.templates.values()].some((one) => one.name === name))
      throw new Fault('InvalidLaunchTemplateName.AlreadyExistsException', `Launch template name already in use.`)
    const template: TemplateRecord = {
      id: account.newId('lt'),
      name,
      versions: [part(input, 'LaunchTemplateData') ?? {}],
      defaultVersion: 1,
      tags: tagsOf(input, 'launch-template'),
    }
    account.templates.set(template.id, template)
    return { launchTemplate: templateOutput(account, template) }
  },

  CreateLaunchTemplateVersion(account, input) {
    const template = templateIn(account, input)
    const source = text(input, 'SourceVersion')
    const base =
      source === undefined ? {} : (template.versions[versionNumber(account, { id: template.id, version: source }) - 1] ?? {})
    template.versions.push({ ...base, ...part(input, 'LaunchTemplateData') })
    return { launchTemplateVersion: versionOutput(account, template, template.versions.length) }
  },

  DescribeLaunchTemplateVersions(account, input) {
    const template = templateIn(account, input)
    const wanted = texts(input, 'LaunchTemplateVersion') ?? template.versions.map((_one, index) => String(index + 1))
    const numbers = [...new Set(wanted.map((version) => versionNumber(account, { id: template.id, version })))]
    const missing = numbers.find((number) => template.versions[number - 1] === undefined)
    if (missing !== undefined)
      throw new Fault(
        'InvalidLaunchTemplateId.VersionNotFound',
        `Could not find launch template version ${missing} for ${template.id}.`,
      )
    return { launchTemplateVersionSet: numbers.map((number) => versionOutput(account, template, number)) }
  },

  DescribeLaunchTemplates(account, input) {
    const found = templatesIn(account, input).filter((one) =>
      (parts(input, 'Filter') ?? []).every((filter) => {
        const value = one.tags.get((text(filter, 'Name') ?? '').replace(/^tag:/, ''))
        return value !== undefined && texts(filter, 'Value')?.includes(value) === true
      }),
    )
    const { items, next } = page(found, text(input, 'NextToken'), whole(input, 'MaxResults') ?? 200, 200)
    return { launchTemplates: items.map((one) => templateOutput(account, one)), nextToken: next }
  },

  DeleteLaunchTemplate(account, input) {
    const template = templateIn(account, input)
    account.templates.delete(template.id)
    return { launchTemplate: templateOutput(account, template) }
  },

  DescribeInstances(account, input) {
    const groups = filterOf(input, 'tag:aws:autoscaling:groupName')
    const found = [...account.instances.values()].filter((one) => groups === undefined || groups.includes(one.group))
    const { items, next } = page(found, text(input, 'NextToken'), whole(input, 'MaxResults') ?? 1_000, 1_000)
    return { reservationSet: items.map((one) => ({ instancesSet: [instanceOutput(account, one)] })), nextToken: next }
  },

  RunInstances(account, input) {
    if (flag(input, 'DryRun') !== true) throw new Fault('UnsupportedOperation', 'Only Auto Scaling launches instances here.')
    const image = text(input, 'ImageId') ?? ''
    if (!account.images.has(image)) throw new Fault('InvalidAMIID.NotFound', `The image id '[${image}]' does not exist`)
    throw new Fault('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412)
  },
}

function templateIn(account: Account, input: Input): TemplateRecord {
  const id = text(input, 'LaunchTemplateId')
  const name = text(input, 'LaunchTemplateName')
  const template = id === undefined ? [...account.templates.values()].find((one) => one.name === name) : account.templates.get(id)
  if (template !== undefined) return template
  if (id === undefined)
    throw new Fault(
      'InvalidLaunchTemplateName.NotFoundException',
      `At least one of the launch templates specified in the request does not exist.`,
    )
  throw new Fault('InvalidLaunchTemplateId.NotFound', `The specified launch template, with template ID ${id}, does not exist.`)
}

/** Those that an input names, or all. @throws Fault when one of them is not there. */
function templatesIn(account: Account, input: Input): TemplateRecord[] {
  const named = [
    ...(texts(input, 'LaunchTemplateId') ?? []).map((id) => ({ LaunchTemplateId: id })),
    ...(texts(input, 'LaunchTemplateName') ?? []).map((name) => ({ LaunchTemplateName: name })),
  ]
  return named.length === 0 ? [...account.templates.values()] : named.map((one) => templateIn(account, one))
}

function imageOutput(account: Account, one: ImageRecord): Output {
  return {
    imageId: one.id,
    imageLocation: `${one.owner}/${one.name}`,
    imageState: one.state,
    imageOwnerId: account.id,
    creationDate: new Date(one.createdAt).toISOString(),
    isPublic: false,
    architecture: one.architecture,
    imageType: 'machine',
    name: one.name,
    rootDeviceType: 'ebs',
    virtualizationType: 'hvm',
    tagSet: [],
  }
}

function templateOutput(account: Account, template: TemplateRecord): Output {
  return {
    launchTemplateId: template.id,
    launchTemplateName: template.name,
    createTime: new Date(account.world.now),
    createdBy: `arn:aws:iam::${account.id}:root`,
    defaultVersionNumber: template.defaultVersion,
    latestVersionNumber: template.versions.length,
  }
}

function versionOutput(account: Account, template: TemplateRecord, number: number): Output {
  return {
    launchTemplateId: template.id,
    launchTemplateName: template.name,
    versionNumber: number,
    createTime: new Date(account.world.now),
    createdBy: `arn:aws:iam::${account.id}:root`,
    defaultVersion: number === template.defaultVersion,
    launchTemplateData: launchDataOutput(template.versions[number - 1] ?? {}),
  }
}

function instanceOutput(account: Account, one: InstanceRecord): Output {
  return {
    instanceId: one.id,
    imageId: one.image,
    instanceState: one.lifecycle === 'Pending' ? { code: 0, name: 'pending' } : { code: 16, name: 'running' },
    instanceType: one.type,
    launchTime: new Date(one.launchedAt),
    placement: { availabilityZone: `${account.region}${one.zone}` },
    privateIpAddress: one.address,
    architecture: account.images.get(one.image)?.architecture,
    tagSet: Object.entries(one.tags).map(([key, value]) => ({ key, value })),
  }
}

/** The tags with which a resource of a kind is made. */
function tagsOf(input: Input, kind: string): Map<string, string> {
  const given = (parts(input, 'TagSpecification') ?? []).filter((one) => text(one, 'ResourceType') === kind)
  const tags = given.flatMap((one) => parts(one, 'Tag') ?? [])
  return new Map(tags.map((tag) => [text(tag, 'Key') ?? '', text(tag, 'Value') ?? '']))
}

function filterOf(input: Input, name: string): string[] | undefined {
  const filter = (parts(input, 'Filter') ?? []).find((one) => text(one, 'Name') === name)
  return filter === undefined ? undefined : texts(filter, 'Value')
}

function glob(pattern: string): RegExp {
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`)
}
