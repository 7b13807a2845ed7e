import { callFailed } from '../../../src/core/errors.ts'
import type { Accepted, Weights } from '../../../src/core/ports.ts'
import type { Change } from '../changes/group.ts'
import { outOfPool } from '../clone/network.ts'
import { markValue, retagged } from '../marks.ts'
import { pointed, readBalancer, writeBalancer, type Balancer } from './balancer.ts'
import { launchInto, takeOut } from './changes.ts'
import type { Pool } from './pools.ts'
import { noteOf, routeIn, routeThere, UNITS, type Swap, type SwapRoute } from './read-swap.ts'
import { checkExpected, checkSum } from './weights.ts'

/** See `TrafficRouter.prepare`: a pool without members, and the note whose it is, in one write. */
export async function prepare({ group, signal }: Change, swap: Swap, binding: string): Promise<Accepted> {
  if (routeIn(swap, binding) !== undefined) return {}
  const { balancer, fleet, ways } = swap
  if (binding.includes('/'))
    throw callFailed('not-found', 'prepare', `A pool that is made is called by its name alone, not ${binding}.`)
  if (balancer.properties.backendAddressPools.some((one) => one.name.toLowerCase() === binding.toLowerCase()))
    throw callFailed('conflict', 'prepare', `The ${ways.kind.words} ${ways.name} has a pool ${binding} that is somebody else's.`)
  const made = { name: binding } as Pool
  const tags = retagged(balancer.tags, { add: { [noteOf(binding)]: markValue(fleet) } })
  const after = withPools(balancer, [...balancer.properties.backendAddressPools, made])
  return await writeBalancer(group, ways.kind, { ...after, tags }, signal)
}

/** See `TrafficRouter.setWeights`: one write for all rules, and only where nobody has written since it was read. */
export async function setWeights({ group, signal }: Change, swap: Swap, expected: Weights, wanted: Weights): Promise<Accepted> {
  checkSum(wanted, UNITS)
  for (const binding of Object.keys(wanted)) routeThere(swap, binding, 'setWeights')
  checkExpected(swap.routes, expected)
  const [chosen] = Object.entries(wanted).flatMap(([binding, weight]) => (weight === UNITS ? [binding] : []))
  if (chosen === undefined) {
    const shares = Object.values(wanted).join(' + ')
    const way =
      'blue/green needs no shares; loadBalancer() shares by the number of instances, trafficManager() and frontDoor() by weights'
    throw callFailed('invalid', 'setWeights', `A rule sends to one pool: weights are ${UNITS} or 0, not ${shares}; ${way}.`)
  }
  const { pool } = routeThere(swap, chosen, 'setWeights')
  if (swap.routes.every((one) => one.weight === (one.pool.id === pool.id ? UNITS : 0))) return {}
  const { kind, rules } = swap.ways
  return await writeBalancer(group, kind, pointed(kind, swap.balancer, rules, pool.id), signal)
}

/**
 * See `TrafficRouter.release`. Nobody may be in a pool that is deleted, or launch into it. A pool of the owner's stays: without members and
 * without rules it is no route.
 */
export async function releaseRoute(change: Change, swap: Swap, binding: string): Promise<Accepted> {
  const route = routeIn(swap, binding)
  if (route === undefined) return {}
  if (route.weight > 0)
    throw callFailed('conflict', 'release', `The pool ${binding} has all of the traffic; give it to another one first.`)
  await emptied(change, route)
  if (!route.isMade) return {}
  const { group, signal } = change
  const { kind, name } = swap.ways
  // Whoever left it has changed the document.
  const balancer = await readBalancer(group, kind, name, signal)
  const staying = balancer.properties.backendAddressPools.filter((one) => one.id !== route.pool.id)
  const tags = retagged(balancer.tags, { without: [noteOf(route.pool.name).toLowerCase()] })
  return await writeBalancer(group, kind, { ...withPools(balancer, staying), tags }, signal)
}

async function emptied(change: Change, { pool, sets }: SwapRoute): Promise<void> {
  for (const { set, members, isJoined } of sets) {
    if (isJoined) await launchInto(change, set, (network) => outOfPool(network, pool.id))
    await takeOut(
      change,
      pool.id,
      members.filter((one) => one.addresses.length > 0),
    )
  }
}

function withPools(balancer: Balancer, backendAddressPools: readonly Pool[]): Balancer {
  return { ...balancer, properties: { ...balancer.properties, backendAddressPools } }
}
