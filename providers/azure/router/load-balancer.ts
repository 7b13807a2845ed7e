import { callFailed } from '../../../src/core/errors.ts'
import type { CallContext, FleetTarget, TrafficRouter } from '../../../src/core/ports.ts'
import type { Change } from '../changes/group.ts'
import type { ResourceGroup } from '../resource-group.ts'
import { join, leave } from './changes.ts'
import { BY_COUNT, lookAt } from './look.ts'
import { readRoute, type Route } from './read-route.ts'

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
