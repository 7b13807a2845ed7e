import type { Body, Policy, SetRecord } from './account.ts'
import { Fault } from './fault.ts'

const DEFAULTS: Policy = {
  maxBatchInstancePercent: 20,
  maxUnhealthyInstancePercent: 20,
  maxUnhealthyUpgradedInstancePercent: 20,
  pauseTimeBetweenBatches: 'PT0S',
  prioritizeUnhealthyInstances: false,
  rollbackFailedInstancesOnPolicyBreach: false,
  maxSurge: false,
}

/** The mode of a set, and its policy. */
export function upgradePolicyOf(properties: Body): { readonly mode: string; readonly policy: Policy } {
  const { mode = 'Manual', rollingUpgradePolicy: said } = (properties['upgradePolicy'] ?? {}) as Partial<Said>
  return { mode, policy: { ...DEFAULTS, ...said } }
}

interface Said {
  readonly mode: string
  readonly rollingUpgradePolicy: Partial<Policy>
}

/** `PT1H30M` in milliseconds. */
export function pauseMs({ pauseTimeBetweenBatches: pause }: Policy): number {
  const [, hours = 0, minutes = 0, seconds = 0] = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?$/.exec(pause) ?? []
  return (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000
}

/** What is to be written as a set's properties, refused where Azure does. */
export function checkUpgradePolicy({ mode: orchestration }: SetRecord, properties: Body): void {
  const { mode, policy } = upgradePolicyOf(properties)
  const refuse = (why: string) => {
    throw new Fault(400, 'InvalidParameter', why)
  }
  const within = (key: keyof Policy, least: number) => {
    if (Number(policy[key]) < least || Number(policy[key]) > 100)
      refuse(`The value of parameter ${key} is invalid: it must be from ${least} to 100.`)
  }
  within('maxBatchInstancePercent', 5)
  within('maxUnhealthyInstancePercent', 5)
  within('maxUnhealthyUpgradedInstancePercent', 0)
  if (policy.maxBatchInstancePercent > policy.maxUnhealthyInstancePercent)
    refuse('maxBatchInstancePercent must not be more than maxUnhealthyInstancePercent.')
  if (!/^PT(?:\d+[HMS])+$/.test(policy.pauseTimeBetweenBatches)) refuse('pauseTimeBetweenBatches must be a duration.')
  if (policy.maxSurge && properties['overprovision'] === true) refuse('maxSurge is not supported with overprovision.')
  const said = ((properties['upgradePolicy'] ?? {}) as Partial<Said>).rollingUpgradePolicy ?? {}
  if (orchestration === 'Flexible' && 'rollbackFailedInstancesOnPolicyBreach' in said)
    refuse('rollbackFailedInstancesOnPolicyBreach is not supported for a Flexible scale set.')
  if (mode === 'Rolling' && !isWatched(properties))
    refuse(
      'Rolling Upgrade mode is not supported for this Virtual Machine Scale Set because a health probe or health extension was not provided.',
    )
}

function isWatched({ virtualMachineProfile }: Body): boolean {
  const { extensionProfile, networkProfile } = virtualMachineProfile as {
    extensionProfile?: unknown
    networkProfile?: { healthProbe?: unknown }
  }
  return extensionProfile !== undefined || networkProfile?.healthProbe !== undefined
}
