import type { PutWarmPoolType, WarmPoolConfiguration } from '@aws-sdk/client-auto-scaling'
import type { AutoScalingGroup } from '../../fleet/group.ts'
import type { Treatments } from '../treatment.ts'
import type { Part } from './part.ts'
import { refusedSettings, settingsOf } from './settings.ts'

/** Every member of a warm pool, and what a clone's own gets of it. */
export const WARM_POOL: Treatments<WarmPoolConfiguration, Omit<PutWarmPoolType, 'AutoScalingGroupName'>> = {
  Status: { does: 'drop', why: 'it is a fact of the pool itself, not a setting' },
  MaxGroupPreparedCapacity: { does: 'copy' },
  MinSize: { does: 'copy' },
  PoolState: { does: 'copy' },
  InstanceReusePolicy: { does: 'copy' },
}

const describe = () => 'its warm pool'

/** Instances that stand by. A clone has its own, of its own image. */
export const warmPool: Part = {
  obstacles: async ({ group }) => refusedSettings(poolOf(group), WARM_POOL, describe),

  async copy({ caller, group, clone, signal }) {
    for (const pool of settingsOf(poolOf(group), WARM_POOL, describe))
      await caller.call('autoScaling', 'PutWarmPool', { AutoScalingGroupName: clone, ...pool }, signal)
  },
}

/** The warm pool of a group, unless it is on its way out. */
export function poolOf({ WarmPoolConfiguration: pool }: AutoScalingGroup): WarmPoolConfiguration[] {
  return pool === undefined || pool.Status === 'PendingDelete' ? [] : [pool]
}
