import { MARKS, tagged, type Tags } from '../../../providers/azure/marks.ts'
import type { FaultPlan } from '../../../src/testing/cloud/faults.ts'
import { scaleTo, scalingOf } from '../wire/autoscale.ts'
import type { Account, SetRecord } from '../wire/account.ts'
import { isJoined, isReached, poolsIn, type PoolThere } from './traffic.ts'

/** Every autoscale setting at work: each period it asks for as many instances as the set's share of the demand needs, within its bounds. */
export function startScaling(account: Account, faults: FaultPlan, periodMs: number): void {
  const { world } = account
  const round = () => {
    for (const set of account.sets.values()) if (set.provisioningState !== 'Deleting') scale(account, faults, set)
    world.schedule(world.now + periodMs, round)
  }
  world.schedule(world.now + periodMs, round)
}

function scale(account: Account, faults: FaultPlan, set: SetRecord): void {
  const bounds = scalingOf(account, set)
  const { capacity } = set.model.sku
  // Where nobody is there, nobody is too busy.
  if (bounds === undefined || (capacity === 0 && set.members.length === 0)) return
  const { world } = account
  const wanted = Math.min(bounds.max, Math.max(bounds.min, Math.ceil(world.demand * shareOf(account, set) - 1e-9)))
  if (wanted === capacity) return
  const tags = set.model.more['tags'] as Tags | undefined
  const against = tagged(tags, MARKS.rollout) !== undefined && wanted < capacity
  if (against && faults.may(14)) faults.count(14)
  if (tagged(tags, MARKS.scaleIn) !== undefined && faults.may(13)) faults.count(13)
  world.because({ kind: 'autoscaler', name: set.name, fault: against ? 14 : 13 }, () => {
    scaleTo(account, set, wanted)
    world.record(`${set.name} shall have ${wanted}`)
  })
}

/** The part of all requests that a set takes. */
function shareOf(account: Account, set: SetRecord): number {
  const [pool] = poolsIn(account).filter((one) => one.isSent && isJoined(set, one))
  if (pool === undefined) return 0
  const all = [...account.sets.values()].filter((one) => isJoined(one, pool))
  const serving = all.reduce((sum, one) => sum + servingIn(account, one, pool), 0)
  return serving === 0 ? 1 / all.length : servingIn(account, set, pool) / serving
}

function servingIn(account: Account, set: SetRecord, pool: PoolThere): number {
  return set.members.filter((one) => !one.isLeaving && isReached(account, set, one, pool)).length
}
