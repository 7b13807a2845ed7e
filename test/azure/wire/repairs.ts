import type { Account, SetRecord } from './account.ts'
import { staying } from './converge.ts'
import { replace } from './set-changes.ts'

/** How often Azure looks for whom to repair. */
const PERIOD_MS = 30_000
/** The shortest grace period, which is also the usual one. */
const GRACE_MS = 10 * 60_000

/** Has sets that repair their instances replace who has been ill for the grace period: one at a time, by what they launch now. */
export function startRepairs(account: Account): void {
  const { world } = account
  const illSince = new Map<string, number>()
  const round = () => {
    for (const set of account.sets.values()) repair(account, set, illSince)
    world.schedule(world.now + PERIOD_MS, round)
  }
  world.schedule(world.now + PERIOD_MS, round)
}

function repair(account: Account, set: SetRecord, illSince: Map<string, number>): void {
  const { now } = account.world
  const ill = staying(set).filter(({ machine }) => machine?.state === 'unhealthy' || machine?.state === 'dead')
  for (const { vmId } of staying(set)) if (!ill.some((one) => one.vmId === vmId)) illSince.delete(vmId)
  for (const { vmId } of ill) illSince.set(vmId, illSince.get(vmId) ?? now)
  const { automaticRepairsPolicy: policy } = set.model.properties as { automaticRepairsPolicy?: { readonly enabled: boolean } }
  const isAtIt = set.members.some((one) => one.isLeaving)
  if (policy?.enabled !== true || isAtIt || set.busy !== undefined || set.provisioningState === 'Deleting') return
  const next = ill.find(({ vmId }) => now - (illSince.get(vmId) ?? now) >= GRACE_MS)
  if (next === undefined) return
  account.world.because({ kind: 'self-healing', name: set.name }, () => {
    replace(account, set, next)
    account.world.record(`${set.name} has ${next.id} repaired`)
  })
}
