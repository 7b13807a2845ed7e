import { callFailed } from '../../../src/core/errors.ts'
import type { Weights } from '../../../src/core/ports.ts'
import type { Change } from '../changes/group.ts'
import { outOfPool } from '../clone/network.ts'
import { markValue, retagged } from '../marks.ts'
import { pointed, readBalancer, writeBalancer, type Balancer } from './balancer.ts'
import { launchInto } from './changes.ts'
import { leavePool } from './addresses.ts'
import type { Pool } from './pools.ts'
import { noteOf, routeIn, routeThere, UNITS, type Swap, type SwapRoute } from './read-swap.ts'

/** See `TrafficRouter.prepare`: a pool without members, and the note whose it is, in one write. */
export async function prepare({ group, signal }: Change, swap: Swap, binding: string): Promise<void> {
  if (routeIn(swap, binding) !== undefined) return
  const { balancer, fleet } = swap
  if (binding.includes('/'))
    throw callFailed('not-found', 'prepare', `A pool that is made is called by its name alone, not ${binding}.`)
  if (balancer.properties.backendAddressPools.some((one) => one.name.toLowerCase() === binding.toLowerCase()))
    throw callFailed('conflict', 'prepare', `The load balancer ${balancer.name} has a pool ${binding} that is somebody else's.`)
  const made = { name: binding } as Pool
  const tags = retagged(balancer.tags, { add: { [noteOf(binding)]: markValue(fleet) } })
  await writeBalancer(group, { ...withPools(balancer, [...balancer.properties.backendAddressPools, made]), tags }, signal)
}

/** See `TrafficRouter.setWeights`: one write for all rules, and only where nobody has written since it was read. */
export async function setWeights({ group, signal }: Change, swap: Swap, expected: Weights, wanted: Weights): Promise<void> {
  checkSum(wanted)
  for (const binding of Object.keys(wanted)) routeThere(swap, binding, 'setWeights')
  for (const name of new Set([...swap.routes.map((one) => one.binding), ...Object.keys(expected)])) {
    const [now, before] = [routeIn(swap, name)?.weight ?? 0, expected[name] ?? 0]
    if (now !== before) throw callFailed('conflict', 'setWeights', `${name} has weight ${now}, not ${before}: look again.`)
  }
  const [chosen] = Object.entries(wanted).flatMap(([binding, weight]) => (weight === UNITS ? [binding] : []))
  if (chosen === undefined) {
    const shares = Object.values(wanted).join(' + ')
    const way = 'blue/green needs no shares, and loadBalancer() shares by the number of instances'
    throw callFailed('invalid', 'setWeights', `A rule sends to one pool: weights are ${UNITS} or 0, not ${shares}; ${way}.`)
  }
  const { pool } = routeThere(swap, chosen, 'setWeights')
  if (swap.routes.every((one) => one.weight === (one.pool.id === pool.id ? UNITS : 0))) return
  const ours = new Set(swap.rules.map((one) => one.name))
  const { balancer } = swap
  const loadBalancingRules = balancer.properties.loadBalancingRules.map((one) =>
    ours.has(one.name) ? pointed(one, pool.id) : one,
  )
  await writeBalancer(group, { ...balancer, properties: { ...balancer.properties, loadBalancingRules } }, signal)
}

/**
 * See `TrafficRouter.release`. Nobody may be in a pool that is deleted, or launch into it. A pool of the owner's stays: without members and
 * without rules it is no route.
 */
export async function releaseRoute(change: Change, swap: Swap, binding: string): Promise<void> {
  const route = routeIn(swap, binding)
  if (route === undefined) return
  if (route.weight > 0)
    throw callFailed('conflict', 'release', `The pool ${binding} has all of the traffic; give it to another one first.`)
  await emptied(change, route)
  if (!route.isMade) return
  const { group, signal } = change
  // Whoever left it has changed the document.
  const balancer = await readBalancer(group, swap.balancer.name, signal)
  const staying = balancer.properties.backendAddressPools.filter((one) => one.id !== route.pool.id)
  const tags = retagged(balancer.tags, { without: [noteOf(route.pool.name).toLowerCase()] })
  await writeBalancer(group, { ...withPools(balancer, staying), tags }, signal)
}

async function emptied(change: Change, { pool, sets }: SwapRoute): Promise<void> {
  for (const { set, members, isJoined } of sets) {
    if (isJoined) await launchInto(change, set, (network) => outOfPool(network, pool.id))
    for (const { member } of members.filter((one) => one.addresses.length > 0))
      for (const card of member.interfaces) await leavePool(change.group, card, pool.id, change.signal)
  }
}

function withPools(balancer: Balancer, backendAddressPools: readonly Pool[]): Balancer {
  return { ...balancer, properties: { ...balancer.properties, backendAddressPools } }
}

function checkSum(wanted: Weights): void {
  const weights = Object.values(wanted)
  const sum = weights.reduce((total, weight) => total + weight, 0)
  if (sum === UNITS && weights.every((weight) => Number.isInteger(weight) && weight >= 0)) return
  throw callFailed('invalid', 'setWeights', `Weights are whole numbers that sum to ${UNITS}, not ${weights.join(' + ')}.`)
}
