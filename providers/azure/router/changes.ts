import type { VirtualMachineScaleSetNetworkProfile } from '@azure/arm-compute'
import { patch, refuseRetiring, type Change } from '../changes/group.ts'
import { launchedMark } from '../changes/launched.ts'
import { alsoInPool, outOfPool } from '../clone/network.ts'
import { poolsKey, type ScaleSet } from '../fleet/set.ts'
import { retagged } from '../marks.ts'
import { joinPool, leavePool } from './addresses.ts'
import { writePool, type PoolAddress } from './pools.ts'
import { addressOf, routedSet, type Route, type RoutedMember } from './read-route.ts'

/** See `TrafficRouter.join`. The model is written last: a set that shows as joined is joined with all of its instances. */
export async function join(change: Change, route: Route, id: string): Promise<void> {
  const { group, call, signal } = change
  const { set, members, isJoined } = routedSet(route, id, call)
  refuseRetiring(set, call)
  // Whoever left a gateway's pool is in it no more, and must not come back because the set is joined.
  if (isJoined && !hasStates(route)) return
  // Of a set that is joined, those that were taken out by themselves stay out.
  if (!isJoined)
    await setState(
      change,
      route,
      members.filter((one) => one.isDown),
      'None',
    )
  const outside = members.filter((one) => one.addresses.length === 0)
  for (const { member } of outside)
    for (const card of member.interfaces.slice(0, 1)) await joinPool(group, card, route.pool.id, signal)
  if (!isJoined) await launchInto(change, set, (network) => alsoInPool(network, route.pool.id))
}

/** See `TrafficRouter.leave`. Instances stay in a load balancer's pool, to which nothing new is sent; a gateway lets go whom it drains. */
export async function leave(change: Change, route: Route, id: string, instances: readonly string[] | 'all'): Promise<void> {
  const found = route.sets.find((one) => one.set.name === id)
  if (found === undefined) return
  const leaving = found.members.filter((one) => instances === 'all' || instances.includes(one.member.id))
  const inside = leaving.filter((one) => one.addresses.length > 0 && !one.isDown)
  if (hasStates(route)) await setState(change, route, inside, 'Down')
  else await takeOut(change, route.pool.id, inside)
  if (instances === 'all' && found.isJoined) await launchInto(change, found.set, (network) => outOfPool(network, route.pool.id))
}

/** Takes machines out of a pool, each by a write of its own. */
export async function takeOut({ group, signal }: Change, pool: string, members: readonly RoutedMember[]): Promise<void> {
  for (const { member } of members) for (const card of member.interfaces) await leavePool(group, card, pool, signal)
}

/** Whether a member of the pool can be told to take nothing new: an application gateway knows no such thing. */
function hasStates({ pool }: Route): boolean {
  return poolsKey(pool.id).startsWith('load')
}

type Network = VirtualMachineScaleSetNetworkProfile

/** From now on the set launches into other pools: its own word for machines to come. */
export async function launchInto(change: Change, set: ScaleSet, rewritten: (network: Network) => Network): Promise<void> {
  const network = set.virtualMachineProfile?.networkProfile
  if (network === undefined) return
  const tags = retagged(set.tags, { add: await launchedMark(change, set) })
  await patch(change, set, { virtualMachineProfile: { networkProfile: rewritten(network) }, tags })
}

/** Sets the administrative state of instances: one write for all of them. */
async function setState(
  { group, signal }: Change,
  { pool }: Route,
  members: readonly RoutedMember[],
  adminState: 'None' | 'Down',
): Promise<void> {
  const wanted = new Set(members.flatMap((one) => one.addresses))
  if (wanted.size === 0) return
  const before = pool.properties.loadBalancerBackendAddresses ?? []
  const named = before.map((one) =>
    wanted.has(addressOf(one)) ? { ...one, properties: { ...one.properties, adminState } } : one,
  )
  const known = new Set(before.map(addressOf))
  const added = [...wanted].filter((id) => !known.has(id)).map((id) => entryOf(id, adminState))
  const loadBalancerBackendAddresses = [...named, ...added]
  await writePool(group, { ...pool, properties: { ...pool.properties, loadBalancerBackendAddresses } }, signal)
}

/** Named after its interface, of which every instance of a Uniform set may have one of the same name. */
function entryOf(id: string, adminState: string): PoolAddress {
  return { name: id.split('/').slice(8).join('-'), properties: { networkInterfaceIPConfiguration: { id }, adminState } }
}
