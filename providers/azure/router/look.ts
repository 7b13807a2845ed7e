import { callFailed } from '../../../src/core/errors.ts'
import type { Can, RoutedInstance, RouterFacts, RouterLook } from '../../../src/core/snapshot.ts'
import { instanceView } from '../fleet/instance-view.ts'
import { healthSourceOf, nameOf, type ScaleSet } from '../fleet/set.ts'
import type { Balancer } from './balancer.ts'
import { drainMs, GATEWAY } from './gateway.ts'
import type { Pool } from './pools.ts'
import type { Route, RoutedMember } from './read-route.ts'
import { UNITS, type Swap } from './read-swap.ts'

const SETTLE_MS = 10_000
const LATE_CALL_HORIZON_MS = 60_000
/** Genuine load balancers have been seen to need 74 s to take a change over. */
const PROPAGATION_MS = 75_000
/** The longest update of a genuine gateway that was seen took 23 minutes. */
const GATEWAY_UPDATE_MS = 30 * 60_000
/** Connections last until a client ends them, or until they have been idle for as long as their rule says: 4 minutes, unless it says more. */
const DRAIN_DEADLINE_MS = 5 * 60_000

/** Why there are no weights. */
export const BY_COUNT = 'a pool of a load balancer shares connections among its members, without weights'

/** What a pool of a load balancer can do. What its probe says, Azure does not tell. */
export const facts: RouterFacts = {
  weights: { can: false, why: BY_COUNT, instead: 'by count' },
  units: UNITS,
  conditional: { can: false, why: 'there are no weights to be written' },
  preview: { can: false, why: 'a load balancer reaches a pool by its rules alone, and all of them carry traffic' },
  settleMs: SETTLE_MS,
  lateCallHorizonMs: LATE_CALL_HORIZON_MS,
  propagationMs: PROPAGATION_MS,
  drainDeadlineMs: DRAIN_DEADLINE_MS,
  health: [],
}

/** A pool as a look shows it. */
export function lookAt(route: Route): RouterLook {
  const { binding } = route
  return { routing: { routes: [{ binding, weight: UNITS, groups: groupsOf(route) }], instances: instancesOf(route) }, facts }
}

/** All rules send to the same pool. */
const WHOLLY: Can = {
  can: false,
  why: 'a rule sends to one pool, with all of the traffic',
  instead: 'blue/green, or loadBalancer(), which shares by the number of instances',
}

/** What rules that are pointed at one pool or another can do. A probe asks only those to whom a rule sends. */
function swapFacts({ sets, ways, balancer }: Swap): RouterFacts {
  const probed = sets.find(({ set }) => healthSourceOf(set) === 'load balancer probe')
  const why = probed && `${nameOf(probed.set)} is watched by a probe, which says nothing of a pool to which no rule sends`
  const instead = 'the application health extension, or loadBalancer()'
  return {
    ...facts,
    ...(ways.kind === GATEWAY ? gatewayFacts(balancer.properties) : {}),
    weights: why === undefined ? { can: true } : { can: false, why, instead },
    shares: WHOLLY,
    conditional: { can: true },
  }
}

/** A gateway says itself that it is being updated, which lasts for very different times; then it lets finish what is under way. */
function gatewayFacts(properties: Balancer['properties']): Partial<RouterFacts> {
  const drains = drainMs(properties)
  return {
    preview: { can: false, why: 'an application gateway reaches a pool by its rules alone, and all of them carry traffic' },
    propagationMs: (properties.provisioningState === 'Updating' ? GATEWAY_UPDATE_MS : PROPAGATION_MS) + drains,
    drainDeadlineMs: GATEWAY_UPDATE_MS + drains,
  }
}

/** Pools that rules are pointed at, as a look shows them. @throws RolloutError `call-failed` where Azure does not tell them. */
export function lookAtSwap(swap: Swap): RouterLook {
  const { routes, balancer, ways } = swap
  // A document shows what it was to become, and not what is gone by instead.
  if (balancer.properties.provisioningState === 'Failed')
    throw callFailed(
      'transient',
      'look',
      `The last update of the ${ways.kind.words} ${ways.name} has failed: which rules it goes by is not known until it is updated again.`,
    )
  return {
    routing: {
      routes: routes.map((one) => ({ binding: one.binding, weight: one.weight, groups: groupsOf(one) })),
      instances: Object.assign({}, ...routes.map(instancesOf)) as Record<string, RoutedInstance>,
      version: balancer.etag,
    },
    facts: swapFacts(swap),
  }
}

/** The sets that are joined to a pool. */
export function groupsOf({ sets }: Route): string[] {
  return sets.filter((one) => one.isJoined).map((one) => nameOf(one.set))
}

/** Instances that are in a pool, and what of its traffic they get. */
export function instancesOf({ pool, sets }: Route): Record<string, RoutedInstance> {
  const all = sets.flatMap(({ set, members }) =>
    members.filter((one) => one.addresses.length > 0).map((one) => [one.member.id, routedInstance(set, pool, one)] as const),
  )
  return Object.fromEntries(all)
}

/** While a pool is being written, what was taken out may still get something new. */
function routedInstance(set: ScaleSet, { properties }: Pool, { member, isDown }: RoutedMember): RoutedInstance {
  if (isDown && properties.provisioningState === 'Updating') return { state: 'draining', reason: 'its pool is being updated' }
  if (isDown) return { state: 'out', reason: 'its administrative state is Down' }
  const { state, reason } = instanceView(member, '', healthSourceOf(set) !== undefined)
  return state === 'healthy' ? { state: 'in' } : { state: 'out', reason: reason ?? state }
}
