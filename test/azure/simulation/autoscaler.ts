import { MARKS, tagged, type Tags } from '../../../providers/azure/marks.ts'
import type { FaultPlan } from '../../../src/testing/cloud/faults.ts'
import { scaleTo, scalingOf } from '../wire/autoscale.ts'
import type { Account, SetRecord } from '../wire/account.ts'
import { isJoined, isReached, poolsIn, type PoolThere } from './traffic.ts'

/** How often a set is brought within its bounds where its setting has nothing to measure. */
const PERIOD_MS = 60_000

/**
 * Every autoscale setting at work: each period it asks for as many instances as the set's share of the demand needs, within its bounds.
 *
 * @param periodMs absent: nothing is measured, and its bounds are all that a setting sees to.
 */
export function startScaling(account: Account, faults: FaultPlan, periodMs: number | undefined): void {
  const { world } = account
  // Where nobody is there, nobody is too busy.
  const needed = (set: SetRecord) => (set.members.length === 0 ? 0 : Math.ceil(world.demand * shareOf(account, set) - 1e-9))
  const aim = periodMs === undefined ? (set: SetRecord) => set.model.sku.capacity : needed
  const round = () => {
    for (const set of account.sets.values()) if (set.provisioningState !== 'Deleting') scale(account, faults, set, aim(set))
    world.schedule(world.now + (periodMs ?? PERIOD_MS), round)
  }
  world.schedule(world.now + (periodMs ?? PERIOD_MS), round)
}

function scale(account: Account, faults: FaultPlan, set: SetRecord, aim: number): void {
  const bounds = scalingOf(account, set)
  if (bounds === undefined) return
  const { capacity } = set.model.sku
  const { world } = account
  const wanted = Math.min(bounds.max, Math.max(bounds.min, aim))
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
  const [pool] = poolsIn(account).filter((one) => one.inForce > 0 && isJoined(set, one))
  if (pool === undefined) return 0
  const all = [...account.sets.values()].filter((one) => isJoined(one, pool))
  const serving = all.reduce((sum, one) => sum + servingIn(account, one, pool), 0)
  const own = serving === 0 ? 1 / all.length : servingIn(account, set, pool) / serving
  return (own * pool.inForce) / pool.units
}

function servingIn(account: Account, set: SetRecord, pool: PoolThere): number {
  return set.members.filter((one) => !one.isLeaving && isReached(account, set, one, pool)).length
}
