import { arn, type Account, type GroupRecord } from '../account.ts'

type Json = Readonly<Record<string, unknown>>
type Operation = (account: Account, input: Json) => Json

/** Alarms of CloudWatch, by the names of its operations; it speaks JSON. */
export const cloudWatch: Readonly<Record<string, Operation>> = {
  PutMetricAlarm(account, input) {
    const { Tags: tags = [], ...alarm } = input
    const name = String(input['AlarmName'])
    const known = account.alarms.get(name)
    account.alarms.set(name, {
      ...alarm,
      AlarmArn: arn(account, 'cloudwatch', `alarm:${name}`),
      StateValue: 'OK',
      // Tags are taken when an alarm is made, and never after.
      tags: known?.['tags'] ?? tags,
    })
    return {}
  },

  DescribeAlarms(account, input) {
    const names = input['AlarmNames'] as string[] | undefined
    const found = [...account.alarms].filter(([name]) => names === undefined || names.includes(name))
    return { MetricAlarms: found.map(([, { tags: _tags, ...alarm }]) => alarm), CompositeAlarms: [] }
  },

  DeleteAlarms(account, input) {
    for (const name of input['AlarmNames'] as string[]) account.alarms.delete(name)
    return {}
  },

  ListTagsForResource(account, input) {
    const found = [...account.alarms.values()].find((one) => one['AlarmArn'] === input['ResourceARN'])
    return { Tags: found?.['tags'] ?? [] }
  },
}

/** With a group go the actions of its policies, and alarms that are left without any. */
export function deleteAlarms(account: Account, group: GroupRecord): void {
  const own = (action: string) => action.includes(`:autoScalingGroupName/${group.name}:`)
  for (const [name, alarm] of account.alarms) {
    const actions = (alarm['AlarmActions'] as string[] | undefined) ?? []
    if (!actions.some(own)) continue
    const left = actions.filter((one) => !own(one))
    if (left.length === 0) account.alarms.delete(name)
    else account.alarms.set(name, { ...alarm, AlarmActions: left })
  }
}
