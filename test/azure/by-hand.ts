import type { Account, Body, SetRecord } from './wire/account.ts'
import { scalingOf } from './wire/autoscale.ts'
import { poolsKey } from './wire/cards.ts'
import { cardName } from './wire/converge.ts'
import { poolId } from './wire/network.ts'
import { deleteSet } from './wire/set-changes.ts'

/** Deletes a set as people do it: with what scales it. */
export function deleteByHand(account: Account, set: SetRecord): void {
  const scaling = scalingOf(account, set)
  if (scaling !== undefined) account.settings.delete(scaling.name)
  deleteSet(account, set)
}

/** Joins a set, and all that is in it, to the pool that the rules of the load balancer send to. */
export function joinByHand(account: Account, set: SetRecord): void {
  const [[balancer = '', { rules = new Map<string, string>() } = {}] = []] = account.balancers
  const [pool = ''] = rules.values()
  const id = poolId(account, balancer, pool)
  for (const one of set.members) {
    const card = account.cards.get(cardName(set, one.id))
    if (card !== undefined && !card.pools.includes(id.toLowerCase())) card.pools = [...card.pools, id.toLowerCase()]
  }
  launchInto(set, id)
}

/** Takes a set, and all that is in it, out of its pools. */
export function leaveByHand(account: Account, set: SetRecord): void {
  for (const one of set.members) {
    const card = account.cards.get(cardName(set, one.id))
    if (card !== undefined) card.pools = []
  }
  launchInto(set)
}

/** Has the machines that a set launches join this pool as they start, and no other. @param pool @default - they join none */
function launchInto(set: SetRecord, pool?: string): void {
  const { virtualMachineProfile: profile } = set.model.properties as { virtualMachineProfile: Body }
  const pooled = JSON.parse(JSON.stringify(profile), (key, value: unknown) =>
    key === 'properties' && typeof value === 'object' && value !== null && 'subnet' in value
      ? { ...value, ...NOWHERE, ...(pool === undefined ? {} : { [poolsKey(pool)]: [{ id: pool }] }) }
      : value,
  ) as Body
  set.model = { ...set.model, properties: { ...set.model.properties, virtualMachineProfile: pooled } }
  set.edits++
  set.etag++
}

const NOWHERE = { loadBalancerBackendAddressPools: [], applicationGatewayBackendAddressPools: [] }
