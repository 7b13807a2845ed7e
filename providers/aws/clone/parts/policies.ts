import type { PutScalingPolicyType, ScalingPolicy } from '@aws-sdk/client-auto-scaling'
import { nameOf } from '../../fleet/group.ts'
import { readPages } from '../../sdk/pages.ts'
import { renamed, type Names } from '../names.ts'
import type { Treatments } from '../treatment.ts'
import { alarmObstacles, copyAlarms, deleteOwnAlarms } from './alarms.ts'
import type { Copying, Original, Part } from './part.ts'
import { refusedSettings, settingsOf } from './settings.ts'

/** Every member of a scaling policy, and what a clone gets of it. */
export const POLICY: Treatments<ScalingPolicy, Omit<PutScalingPolicyType, 'AutoScalingGroupName'>> = {
  AutoScalingGroupName: { does: 'drop', why: 'it is the name of the original' },
  PolicyARN: { does: 'drop', why: 'it is a fact of the policy itself, not a setting' },
  Alarms: { does: 'drop', why: 'they have calls of their own, after the policy is there' },
  PolicyName: { does: 'copy' },
  PolicyType: { does: 'copy' },
  Enabled: { does: 'copy' },
  AdjustmentType: { does: 'copy' },
  MinAdjustmentMagnitude: { does: 'copy' },
  // The same under an old name, and only one of both may be sent.
  MinAdjustmentStep: {
    does: 'rewrite',
    to: ({ MinAdjustmentMagnitude: magnitude, MinAdjustmentStep: step }) =>
      magnitude === undefined ? { MinAdjustmentMagnitude: step } : undefined,
  },
  ScalingAdjustment: { does: 'copy' },
  Cooldown: { does: 'copy' },
  StepAdjustments: { does: 'copy' },
  MetricAggregationType: { does: 'copy' },
  EstimatedInstanceWarmup: { does: 'copy' },
  TargetTrackingConfiguration: { does: 'copy' },
  PredictiveScalingConfiguration: { does: 'copy' },
}

/** How a group is scaled: policies, and the alarms that set them off. */
export const policies: Part = {
  async obstacles(original) {
    const found = await readPolicies(original)
    return [...refusedSettings(found, POLICY, describe), ...(await alarmObstacles(original, alarmsOf(found)))]
  },

  async copy(copying) {
    const found = await readPolicies(copying)
    const names = await copyPolicies(copying, found)
    await copyAlarms(copying, alarmsOf(found), names)
  },
}

/** Deletes the alarms that were made for a clone's policies: its deletion takes only the policies with it. */
export async function deleteAlarmsOf(clone: Original): Promise<void> {
  await deleteOwnAlarms(clone, alarmsOf(await readPolicies(clone)))
}

/** @returns what is called otherwise in the clone, its policies among it. */
async function copyPolicies(copying: Copying, found: readonly ScalingPolicy[]): Promise<Names> {
  const { caller, group, clone, targetGroups, signal } = copying
  const names: Names = { group: [nameOf(group), clone], arns: targetGroups }
  const arns = new Map(targetGroups)
  for (const [index, settings] of settingsOf(found, POLICY, describe).entries()) {
    const input = { ...(renamed(settings, names) as PutScalingPolicyType), AutoScalingGroupName: clone }
    const { PolicyARN: made } = await caller.call('autoScaling', 'PutScalingPolicy', input, signal)
    arns.set(found[index]?.PolicyARN ?? '', made ?? '')
  }
  return { ...names, arns }
}

function describe({ PolicyName: name }: ScalingPolicy): string {
  return `its scaling policy ${name}`
}

/** Alarms that its owner made for a policy; those of target tracking are made, and changed, by AWS. */
function alarmsOf(found: readonly ScalingPolicy[]): string[] {
  const own = found.filter(({ PolicyType: type = 'SimpleScaling' }) => type === 'SimpleScaling' || type === 'StepScaling')
  return [...new Set(own.flatMap((one) => (one.Alarms ?? []).flatMap((alarm) => alarm.AlarmName ?? [])))]
}

async function readPolicies({ caller, group, signal }: Original): Promise<ScalingPolicy[]> {
  const of = { AutoScalingGroupName: nameOf(group) }
  const pages = await readPages((next) => caller.call('autoScaling', 'DescribePolicies', { ...of, ...next }, signal))
  return pages.flatMap((page) => page.ScalingPolicies ?? [])
}
