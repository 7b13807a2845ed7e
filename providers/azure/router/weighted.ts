import { callFailed } from '../../../src/core/errors.ts'
import type { CallContext, FleetTarget, TrafficRouter, Weights } from '../../../src/core/ports.ts'
import type { Can, RoutedInstance, RouterLook } from '../../../src/core/snapshot.ts'
import type { Change } from '../changes/group.ts'
import type { ResourceGroup } from '../resource-group.ts'
import { join, leave } from './changes.ts'
import { readEndpoints, UNITS, type EndpointRoute, type Endpoints, type Weigher } from './endpoints.ts'
import { facts, groupsOf, instancesOf } from './look.ts'
import { checkExpected, checkSum } from './weights.ts'

/** A router by weights of endpoints, each of which leads to a pool of a load balancer: instances leave that pool, and traffic the endpoint. */
export function createWeightedRouter(group: ResourceGroup, weigher: Weigher): TrafficRouter<{ weights: true }> {
  const read = (call: string, target: FleetTarget, { signal }: CallContext) => readEndpoints(group, weigher, target, call, signal)
  const change = async (
    call: string,
    target: FleetTarget,
    context: CallContext,
    make: (change: Change, endpoints: Endpoints) => Promise<void> | void,
  ) => {
    await make({ group, target, call, signal: context.signal }, await read(call, target, context))
    return {}
  }
  return {
    contract: 1,
    kind: weigher.kind,
    limits: { weights: true },
    look: async (target, context) => lookAt(weigher, target, await read('look', target, context)),
    prepare: (target, binding, context) =>
      change('prepare', target, context, (_how, all) => {
        if (routeIn(all, binding) !== undefined) return
        throw callFailed('invalid', 'prepare', `There can be no route ${binding}: ${OWNERS}.`)
      }),
    join: (target, binding, id, context) =>
      change('join', target, context, (how, all) => join(how, routeThere(all, binding, 'join'), id)),
    setWeights: (target, expected, wanted, context) =>
      change('setWeights', target, context, (how, all) => setWeights(how, weigher, all, expected, wanted)),
    leave: (target, binding, id, instances, context) =>
      change('leave', target, context, async (how, all) => {
        const route = routeIn(all, binding)
        if (route !== undefined) await leave(how, route, id, instances)
      }),
    release: (target, binding, context) =>
      change('release', target, context, (_how, all) => {
        const route = routeIn(all, binding)
        if (route === undefined) return
        if (route.weight > 0) throw callFailed('conflict', 'release', `${binding} has traffic; give it to another one first.`)
        throw callFailed('invalid', 'release', `The route ${binding} stays: ${OWNERS}.`)
      }),
  }
}

const OWNERS = 'endpoints and their addresses belong to whoever made them'

/** See `TrafficRouter.look`. */
function lookAt({ words }: Weigher, target: FleetTarget, endpoints: Endpoints): RouterLook {
  const { weighing, routes } = endpoints
  const weights = weightsOf(target, endpoints)
  const times = Math.max(facts.propagationMs, weights.can ? weighing.propagationMs : 0)
  return {
    routing: {
      routes: routes.map((one) => ({ binding: one.binding, weight: one.weight, groups: groupsOf(one) })),
      instances: Object.assign({}, ...routes.map((one) => seenThrough(words, one))) as Record<string, RoutedInstance>,
    },
    facts: {
      ...facts,
      weights,
      units: UNITS,
      conditional: { can: false, why: `${words} takes whatever is written last` },
      preview: { can: false, why: `${words} leads nobody to an endpoint that is disabled` },
      propagationMs: times,
      // Whoever leaves is waited for as long as that, and then for its connections.
      drainDeadlineMs: facts.drainDeadlineMs + times,
    },
  }
}

/** Of two slots each has an endpoint; whatever is made has none. */
function weightsOf({ placement }: FleetTarget, { weighing, foreign }: Endpoints): Can {
  const { weights, words } = weighing
  if (!weights.can) return weights
  if (placement.kind !== 'slots')
    return { can: false, why: `a group that is made has no endpoint of its own in ${words}`, instead: 'slots(), or by count' }
  if (foreign.length === 0) return weights
  const why = `${words} sends to ${foreign.join(' and ')} too, whose part of the traffic would change`
  return { can: false, why, instead: 'a profile for the fleet alone' }
}

function seenThrough(words: string, route: EndpointRoute): Record<string, RoutedInstance> {
  const instances = instancesOf(route)
  const { ill, name } = route.endpoint
  if (ill === undefined) return instances
  const out: RoutedInstance = { state: 'out', reason: `${words} says that ${name} is ${ill}` }
  return Object.fromEntries(Object.entries(instances).map(([id, one]) => [id, one.state === 'in' ? out : one]))
}

/**
 * See `TrafficRouter.setWeights`. Each endpoint is a write of its own: first those that gain, so that there is always one to send to, and
 * what a look finds in between is between the old and the new. One that has all of the traffic has it at any weight, and is written before
 * another stands beside it.
 */
async function setWeights(
  { group, signal }: Change,
  weigher: Weigher,
  all: Endpoints,
  expected: Weights,
  wanted: Weights,
): Promise<void> {
  const { routes } = all
  checkSum(wanted, UNITS)
  for (const binding of Object.keys(wanted)) routeThere(all, binding, 'setWeights')
  checkExpected(routes, expected)
  const after = (one: EndpointRoute) => wanted[one.binding] ?? 0
  if (routes.every((one) => one.weight === after(one))) return
  const gain = (one: EndpointRoute) => (one.weight === UNITS && after(one) > 0 ? UNITS : after(one) - one.weight)
  // Weights that their owner gave are relative to others than those that are written now.
  const isSo = (one: EndpointRoute) => (one.weight > 0 ? one.endpoint.weight : 0) === after(one)
  for (const one of routes.toSorted((a, b) => gain(b) - gain(a)))
    if (!isSo(one)) await weigher.write(group, one.endpoint, after(one), signal)
}

function routeIn({ routes }: Endpoints, binding: string): EndpointRoute | undefined {
  return routes.find((one) => one.binding.toLowerCase() === binding.toLowerCase())
}

/** @throws RolloutError `call-failed` of class `not-found`. */
function routeThere(all: Endpoints, binding: string, call: string): EndpointRoute {
  const route = routeIn(all, binding)
  if (route !== undefined) return route
  const there = all.routes.map((one) => one.binding).join(', ')
  throw callFailed('not-found', call, `${all.weighing.words} leads to no pool ${binding} of this fleet; it leads to: ${there}.`)
}
