import { callFailed } from '../../../src/core/errors.ts'
import type { Accepted, CallContext, FleetTarget, TrafficRouter } from '../../../src/core/ports.ts'
import type { Change } from '../changes/group.ts'
import type { ResourceGroup } from '../resource-group.ts'
import { join, leave } from './changes.ts'
import { GATEWAY } from './gateway.ts'
import { BY_COUNT, lookAt, lookAtSwap } from './look.ts'
import { readRoute, type Route } from './read-route.ts'
import { readSwap, routeIn, routeThere, type Swap, type SwapWays } from './read-swap.ts'
import { prepare, releaseRoute, setWeights } from './swap-changes.ts'

/** A router by a pool of a load balancer, `web-lb/web`: old and new instances are in it side by side, and get traffic by their number. */
export function createLoadBalancer(group: ResourceGroup, pool: string): TrafficRouter<{ weights: false }> {
  const read = (target: FleetTarget, { signal }: CallContext) => readRoute(group, pool, target, signal)
  const change = async (
    call: string,
    target: FleetTarget,
    context: CallContext,
    make: (change: Change, route: Route) => Promise<void> | void,
  ) => {
    await make({ group, target, call, signal: context.signal }, await read(target, context))
    return {}
  }
  const isOurs = (binding: string) => binding.toLowerCase() === pool.toLowerCase()
  return {
    contract: 1,
    kind: 'azure-load-balancer',
    limits: { weights: false },
    look: async (target, context) => lookAt(await read(target, context)),
    prepare: (target, binding, context) =>
      change('prepare', target, context, () => {
        if (!isOurs(binding)) throw callFailed('invalid', 'prepare', `There can be no second route ${binding}: ${BY_COUNT}.`)
      }),
    join: (target, binding, id, context) =>
      change('join', target, context, (how, route) => {
        if (!isOurs(binding)) throw callFailed('not-found', 'join', `The fleet has no route ${binding}; it has ${pool}.`)
        return join(how, route, id)
      }),
    setWeights: (target, _expected, _wanted, context) =>
      change('setWeights', target, context, () => {
        throw callFailed('invalid', 'setWeights', `Weights cannot be set: ${BY_COUNT}.`)
      }),
    leave: (target, binding, id, instances, context) =>
      change('leave', target, context, (how, route) => (isOurs(binding) ? leave(how, route, id, instances) : undefined)),
    release: (target, binding, context) =>
      change('release', target, context, () => {
        if (isOurs(binding)) throw callFailed('conflict', 'release', `The pool ${binding} has all of the traffic.`)
      }),
  }
}

/** A router by rules of a load balancer or a gateway, which send to the pool of one generation or of another: all of the traffic, or none. */
export function createRuleSwap(group: ResourceGroup, ways: SwapWays): TrafficRouter<{ weights: true }> {
  const read = (call: string, target: FleetTarget, { signal }: CallContext) => readSwap(group, ways, target, call, signal)
  const change = async (
    call: string,
    target: FleetTarget,
    context: CallContext,
    make: (change: Change, swap: Swap) => Promise<Accepted | void>,
  ) => (await make({ group, target, call, signal: context.signal }, await read(call, target, context))) ?? {}
  return {
    contract: 1,
    kind: ways.kind === GATEWAY ? 'azure-application-gateway' : 'azure-rule-swap',
    limits: { weights: true },
    look: async (target, context) => lookAtSwap(await read('look', target, context)),
    prepare: (target, binding, context) => change('prepare', target, context, (how, swap) => prepare(how, swap, binding)),
    join: (target, binding, id, context) =>
      change('join', target, context, (how, swap) => join(how, routeThere(swap, binding, 'join'), id)),
    setWeights: (target, expected, wanted, context) =>
      change('setWeights', target, context, (how, swap) => setWeights(how, swap, expected, wanted)),
    leave: (target, binding, id, instances, context) =>
      change('leave', target, context, async (how, swap) => {
        const route = routeIn(swap, binding)
        if (route !== undefined) await leave(how, route, id, instances)
      }),
    release: (target, binding, context) => change('release', target, context, (how, swap) => releaseRoute(how, swap, binding)),
  }
}
