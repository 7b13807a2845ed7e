import type { MetricAlarm, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch'
import { callFailed } from '../../../../src/core/errors.ts'
import { nextGroupName } from '../../../../src/core/naming.ts'
import { nameOf } from '../../fleet/group.ts'
import { isMark, MARKS, tagged } from '../../marks.ts'
import { renamed, type Names } from '../names.ts'
import type { Treatments } from '../treatment.ts'
import type { Copying, Original } from './part.ts'
import { refusedSettings, settingsOf } from './settings.ts'

const OWN = { does: 'drop', why: 'it is a fact of the alarm itself, not a setting' } as const

/** Every member of an alarm, and what a clone's own gets of it. */
export const ALARM: Treatments<MetricAlarm, PutMetricAlarmInput> = {
  AlarmName: { does: 'drop', why: 'a name is given once; that of the clone is made of it' },
  AlarmArn: OWN,
  AlarmConfigurationUpdatedTimestamp: OWN,
  StateReason: OWN,
  StateReasonData: OWN,
  StateTransitionedTimestamp: OWN,
  StateUpdatedTimestamp: OWN,
  StateValue: OWN,
  EvaluationState: OWN,
  ActionsEnabled: { does: 'copy' },
  AlarmActions: { does: 'copy' },
  OKActions: { does: 'copy' },
  InsufficientDataActions: { does: 'copy' },
  AlarmDescription: { does: 'copy' },
  ComparisonOperator: { does: 'copy' },
  DatapointsToAlarm: { does: 'copy' },
  Dimensions: { does: 'copy' },
  EvaluateLowSampleCountPercentile: { does: 'copy' },
  EvaluationCriteria: { does: 'copy' },
  EvaluationInterval: { does: 'copy' },
  EvaluationPeriods: { does: 'copy' },
  ExtendedStatistic: { does: 'copy' },
  MetricName: { does: 'copy' },
  Metrics: { does: 'copy' },
  Namespace: { does: 'copy' },
  Period: { does: 'copy' },
  Statistic: { does: 'copy' },
  Threshold: { does: 'copy' },
  ThresholdMetricId: { does: 'copy' },
  TreatMissingData: { does: 'copy' },
  Unit: { does: 'copy' },
  EvaluationWindow: { does: 'copy' },
  WarmUpConfiguration: { does: 'copy' },
  ActionConfiguration: { does: 'copy' },
}

/** Why alarms cannot be cloned; empty when they can. */
export async function alarmObstacles(original: Original, wanted: readonly string[]): Promise<string[]> {
  const found = await readAlarms(original, wanted)
  const group = nameOf(original.group)
  const called = found.map(({ AlarmName: name = '' }) => [name, nameFor(name, group, nextGroupName([group]))] as const)
  const tooLong = called.filter(([, name]) => name.length > LONGEST)
  return [
    ...refusedSettings(found, ALARM, describe),
    ...tooLong.map(([alarm, name]) => `its alarm ${alarm}: the clone's, ${name}, would have ${name.length} signs of ${LONGEST}`),
  ]
}

/** PutMetricAlarm takes no longer name. */
const LONGEST = 255

/** Makes alarms that watch the clone and set off its policies. */
export async function copyAlarms(copying: Copying, wanted: readonly string[], names: Names): Promise<void> {
  const found = await readAlarms(copying, wanted)
  const called = found.map(({ AlarmName: name = '' }) => nameFor(name, nameOf(copying.group), copying.clone))
  const there = await readAlarms(copying, called)
  const fleet = tagged(copying.group.Tags, MARKS.fleet) ?? ''
  for (const [index, settings] of settingsOf(found, ALARM, describe).entries()) {
    const name = called[index] ?? ''
    refuseForeign(
      there.find((one) => one.AlarmName === name),
      names,
    )
    const input = {
      ...(withOwnActions(renamed(settings, names), names) as PutMetricAlarmInput),
      AlarmName: name,
      Tags: [...(await readTags(copying, found[index])).filter(isOwners), { Key: MARKS.fleet, Value: fleet }],
    }
    await copying.caller.call('cloudWatch', 'PutMetricAlarm', input, copying.signal)
  }
}

function describe({ AlarmName: name }: MetricAlarm): string {
  return `its alarm ${name}`
}

/** With the clone's name for the original's, or behind it: `web-cpu-high` becomes `web-v001-cpu-high`, `cpu-high` `cpu-high-web-v001`. */
function nameFor(alarm: string, original: string, clone: string): string {
  return alarm.includes(original) ? alarm.replace(original, clone) : `${alarm}-${clone}`
}

/** What sets off a policy of another group stays with the original: two alarms would do it twice. */
function withOwnActions(settings: Partial<PutMetricAlarmInput>, { arns }: Names): Partial<PutMetricAlarmInput> {
  const own = new Set(arns.values())
  const kept = (actions: string[] | undefined) => actions?.filter((one) => !one.includes(':scalingPolicy:') || own.has(one))
  const { AlarmActions, OKActions, InsufficientDataActions, ...others } = settings
  const actions = {
    AlarmActions: kept(AlarmActions),
    OKActions: kept(OKActions),
    InsufficientDataActions: kept(InsufficientDataActions),
  }
  return { ...others, ...Object.fromEntries(Object.entries(actions).filter(([, some]) => some !== undefined)) }
}

/** @throws RolloutError `call-failed` of class `conflict`: CloudWatch would overwrite it without a word. */
function refuseForeign(there: MetricAlarm | undefined, { arns }: Names): void {
  if (there === undefined) return
  const own = new Set(arns.values())
  if ([...(there.AlarmActions ?? []), ...(there.OKActions ?? [])].some((one) => own.has(one))) return
  throw callFailed(
    'conflict',
    'ensureGroup',
    `There is an alarm ${there.AlarmName} that is not of this clone; take it away, or rename it.`,
  )
}

/**
 * Deletes those of these alarms that were made for a clone. AWS would delete them with the group only if they did nothing else, and one that
 * tells somebody would go on to.
 */
export async function deleteOwnAlarms(original: Original, wanted: readonly string[]): Promise<void> {
  const own: string[] = []
  for (const alarm of await readAlarms(original, wanted))
    if (tagged(await readTags(original, alarm), MARKS.fleet) !== undefined) own.push(alarm.AlarmName ?? '')
  if (own.length > 0) await original.caller.call('cloudWatch', 'DeleteAlarms', { AlarmNames: own }, original.signal)
}

async function readTags({ caller, signal }: Original, { AlarmArn: arn = '' }: MetricAlarm = {}) {
  const { Tags: tags = [] } = await caller.call('cloudWatch', 'ListTagsForResource', { ResourceARN: arn }, signal)
  return tags
}

function isOwners(tag: { readonly Key: string | undefined }): boolean {
  return !isMark(tag) && !(tag.Key ?? '').startsWith('aws:')
}

/** DescribeAlarms takes no more names at once. */
const ALARMS_A_CALL = 100

async function readAlarms({ caller, signal }: Original, names: readonly string[]): Promise<MetricAlarm[]> {
  const found: MetricAlarm[] = []
  for (let from = 0; from < names.length; from += ALARMS_A_CALL) {
    const input = { AlarmNames: names.slice(from, from + ALARMS_A_CALL), MaxRecords: ALARMS_A_CALL }
    const { MetricAlarms: some = [] } = await caller.call('cloudWatch', 'DescribeAlarms', input, signal)
    found.push(...some)
  }
  return found
}
