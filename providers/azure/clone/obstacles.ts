import type { ResourceGroup } from '../resource-group.ts'
import { nameOf, type ScaleSet } from '../fleet/set.ts'
import { networkObstacles } from './network.ts'
import { SET } from './set-table.ts'
import { strangersIn } from './strangers.ts'
import { treat } from './treatment.ts'

/** Why a set cannot be cloned: what a clone could not have, or would silently go without. */
export async function cloneObstacles(group: ResourceGroup, set: ScaleSet, signal: AbortSignal): Promise<string[]> {
  const raw = await readRaw(group, set, signal)
  return [
    ...treat(set, SET).refusals,
    ...networkObstacles(set.virtualMachineProfile?.networkProfile),
    ...strangersIn(raw, set).map((place) => `${place}: this version of @azure/arm-compute does not know it, and would lose it`),
  ].map((why) => `${nameOf(set)} cannot be cloned: ${why}`)
}

async function readRaw({ caller, subscription, name }: ResourceGroup, set: ScaleSet, signal: AbortSignal) {
  const place = `/subscriptions/${subscription}/resourceGroups/${name}/providers/Microsoft.Compute/virtualMachineScaleSets`
  const path = `${place}/${nameOf(set)}?$expand=userData&api-version=2026-04-01`
  return await caller.arm({ name: 'virtualMachineScaleSets.get', signal }, { method: 'GET', path })
}
