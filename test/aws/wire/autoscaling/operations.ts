import { arn, type Account, type GroupRecord } from '../account.ts'
import { Fault, validation } from '../fault.ts'
import { page } from '../protocol/page.ts'
import { flag, part, parts, text, texts, whole, type Input } from '../protocol/query.ts'
import type { Output } from '../protocol/xml.ts'
import { converge, versionNumber } from './converge.ts'
import { deleteAlarms } from '../cloudwatch/alarms.ts'
import { groupIn } from './find.ts'
import { members } from './members.ts'
import { activityOutput, groupOutput } from './outputs.ts'
import { refreshes, refuseWhileRefreshing } from './refresh.ts'
import { putHooks, separate } from './separate.ts'
import { tags, writeTags } from './tags.ts'

type Operation = (account: Account, input: Input) => Output

/** Auto Scaling, by the names of its operations. */
export const autoScaling: Readonly<Record<string, Operation>> = {
  ...members,
  ...separate,
  ...tags,
  ...refreshes,

  CreateAutoScalingGroup(account, input) {
    const name = text(input, 'AutoScalingGroupName') ?? ''
    if (!/^[!-9;-~]{1,255}$/.test(name)) throw validation(`The Auto Scaling group name ${name} is not valid.`)
    if (account.groups.has(name))
      throw new Fault(
        'AlreadyExists',
        `AutoScalingGroup by this name already exists - A group with the name ${name} already exists`,
      )
    const sizes = { min: whole(input, 'MinSize') ?? 0, max: whole(input, 'MaxSize') ?? 0 }
    const group: GroupRecord = {
      name,
      arn: arn(account, 'autoscaling', `autoScalingGroup:${account.newId('group')}:autoScalingGroupName/${name}`),
      createdAt: account.world.now,
      ...sizes,
      desired: whole(input, 'DesiredCapacity') ?? sizes.min,
      template: templateIn(account, input),
      healthCheckType: text(input, 'HealthCheckType') ?? 'EC2',
      gracePeriodS: whole(input, 'HealthCheckGracePeriod') ?? 0,
      zones: account.world.zones,
      targetGroups: new Set(texts(input, 'TargetGroupARNs')),
      tags: new Map(),
      suspended: new Set(),
      metrics: new Set(),
      warmPool: undefined,
      members: new Set(),
      activities: [],
      refreshes: [],
      separate: new Map(),
      deleting: false,
      guardsNew: flag(input, 'NewInstancesProtectedFromScaleIn') ?? false,
    }
    checkSizes(group)
    writeTags(group, parts(input, 'Tags') ?? [])
    account.groups.set(name, group)
    putHooks(account, input)
    converge(account, group)
    return {}
  },

  UpdateAutoScalingGroup(account, input) {
    const group = groupIn(account, input)
    const next = {
      min: whole(input, 'MinSize') ?? group.min,
      max: whole(input, 'MaxSize') ?? group.max,
      desired: whole(input, 'DesiredCapacity') ?? group.desired,
    }
    // A size outside the new bounds follows them.
    if (input['DesiredCapacity'] === undefined) next.desired = Math.min(Math.max(next.desired, next.min), next.max)
    checkSizes(next)
    if (input['LaunchTemplate'] !== undefined) {
      refuseWhileRefreshing(group)
      group.template = templateIn(account, input)
    }
    Object.assign(group, next)
    group.guardsNew = flag(input, 'NewInstancesProtectedFromScaleIn') ?? group.guardsNew
    converge(account, group)
    return {}
  },

  SetDesiredCapacity(account, input) {
    const group = groupIn(account, input)
    const next = { min: group.min, max: group.max, desired: whole(input, 'DesiredCapacity') ?? 0 }
    checkSizes(next)
    group.desired = next.desired
    converge(account, group)
    return {}
  },

  DescribeAutoScalingGroups(account, input) {
    const names = texts(input, 'AutoScalingGroupNames')
    const filters = parts(input, 'Filters') ?? []
    const found = [...account.groups.values()].filter(
      (group) => (names === undefined || names.includes(group.name)) && filters.every((filter) => passes(group, filter)),
    )
    const { items, next } = page(found, text(input, 'NextToken'), whole(input, 'MaxRecords') ?? 50, 100)
    return { AutoScalingGroups: items.map((group) => groupOutput(account, group)), NextToken: next }
  },

  DescribeScalingActivities(account, input) {
    const group = groupIn(account, input)
    const since = filterOf(input, 'StartTimeLowerBound')?.[0]
    const found = group.activities.filter((one) => since === undefined || one.startedAt >= Date.parse(since))
    const { items, next } = page(found, text(input, 'NextToken'), whole(input, 'MaxRecords') ?? 100, 100)
    return { Activities: items.map((one) => activityOutput(group, one)), NextToken: next }
  },

  DeleteAutoScalingGroup(account, input) {
    const group = groupIn(account, input)
    if (group.members.size > 0 && flag(input, 'ForceDelete') !== true)
      throw new Fault(
        'ResourceInUse',
        'You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.',
      )
    if (group.warmPool !== undefined && flag(input, 'ForceDelete') !== true)
      throw new Fault('ResourceInUse', 'You cannot delete an AutoScalingGroup while there is a warm pool associated with it.')
    group.deleting = true
    deleteAlarms(account, group)
    converge(account, group)
    return {}
  },
}

function checkSizes({ min, max, desired }: { min: number; max: number; desired: number }): void {
  if (min > max) throw validation('Minimum size cannot be greater than maximum size.')
  if (desired < min) throw validation('Desired capacity must be greater than or equal to the minimum size.')
  if (desired > max)
    throw validation(`New SetDesiredCapacity value ${desired} is above max value ${max} for the AutoScalingGroup.`)
}

function templateIn(account: Account, input: Input): GroupRecord['template'] {
  const wanted = part(input, 'LaunchTemplate') ?? {}
  const id = text(wanted, 'LaunchTemplateId') ?? idOf(account, text(wanted, 'LaunchTemplateName') ?? '')
  const template = { id, version: text(wanted, 'Version') ?? '$Default' }
  const number = versionNumber(account, template)
  if (account.templates.get(id)?.versions[number - 1] === undefined)
    throw validation(
      'You must use a valid fully-formed launch template. The specified launch template, with template ID ' +
        id +
        ', does not exist.',
    )
  return template
}

function idOf(account: Account, name: string): string {
  return [...account.templates.values()].find((one) => one.name === name)?.id ?? ''
}

function passes(group: GroupRecord, filter: Input): boolean {
  const name = text(filter, 'Name') ?? ''
  const values = texts(filter, 'Values') ?? []
  if (name === 'tag-key') return values.some((key) => group.tags.has(key))
  if (!name.startsWith('tag:')) throw validation(`Filter name ${name} is not supported.`)
  return values.includes(group.tags.get(name.slice('tag:'.length))?.value ?? '')
}

function filterOf(input: Input, name: string): string[] | undefined {
  const filter = (parts(input, 'Filters') ?? []).find((one) => text(one, 'Name') === name)
  return filter === undefined ? undefined : texts(filter, 'Values')
}
