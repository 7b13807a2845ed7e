import { callFailed } from '../../../src/core/errors.ts'
import type { Accepted, CallContext, FleetTarget, TrafficRouter } from '../../../src/core/ports.ts'
import type { Place } from '../place.ts'
import { afresh } from '../sdk/afresh.ts'
import { join, leave, prepare, releaseRoute, setWeights } from './changes.ts'
import { lookAt } from './look.ts'
import type { BackendServiceOptions, UrlMapOptions } from './options.ts'
import { readRoutes, routeIn, type Routes, type Ways } from './read-routes.ts'

/** A router by the weights of a URL map's actions: each generation has a backend service of its own. */
export function createUrlMapRouter(place: Place, options: UrlMapOptions): TrafficRouter<{ weights: true }> {
  const change = changing(place, options)
  return {
    contract: 1,
    kind: 'url-map',
    limits: { weights: true },
    look: (target, { signal }) => lookAt(place, options, target, signal),
    prepare: (target, binding, context) =>
      change(target, 'prepare', context, (routes) => prepare(place, routes, binding, context)),
    join: (target, binding, group, context) =>
      change(target, 'join', context, (routes) => join(place, routes, binding, group, context)),
    setWeights: (target, expected, wanted, context) =>
      change(target, 'setWeights', context, (routes) => setWeights(place, routes, expected, wanted, context)),
    leave: (target, binding, group, instances, context) =>
      change(target, 'leave', context, (routes) => leave(place, routes, binding, group, instances, context)),
    release: (target, binding, context) =>
      change(target, 'release', context, (routes) => releaseRoute(place, routes, binding, context)),
  }
}

const WHY = 'a backend service shares among its groups by their capacity, without weights'

/** A router by one backend service: old and new instances are behind it side by side, and get traffic by their number. */
export function createBackendServiceRouter(place: Place, options: BackendServiceOptions): TrafficRouter<{ weights: false }> {
  const change = changing(place, options)
  return {
    contract: 1,
    kind: 'backend-service',
    limits: { weights: false },
    async look(target, { signal }) {
      const { routing, facts } = await lookAt(place, options, target, signal)
      return {
        routing,
        // Its proxies need no new map, and whoever leaves singly is kept from requests by being deleted alone: waiting for that helps nobody.
        facts: { ...facts, weights: { can: false, why: WHY, instead: 'by count, or urlMap()' }, propagationMs: 0 },
      }
    },
    prepare: (target, binding, context) =>
      change(target, 'prepare', context, async (routes) => {
        if (routeIn(routes, binding) !== undefined) return undefined
        throw callFailed('invalid', 'prepare', `There can be no second route ${binding}: ${WHY}.`)
      }),
    join: (target, binding, group, context) =>
      change(target, 'join', context, (routes) => join(place, routes, binding, group, context)),
    setWeights: (target, _expected, _wanted, context) =>
      change(target, 'setWeights', context, async () => {
        throw callFailed('invalid', 'setWeights', `Weights cannot be set: ${WHY}.`)
      }),
    leave: (target, binding, group, instances, context) =>
      change(target, 'leave', context, (routes) => leave(place, routes, binding, group, instances, context)),
    release: (target, binding, context) =>
      change(target, 'release', context, (routes) => releaseRoute(place, routes, binding, context)),
  }
}

/** What changes routes reads them first, and writes over what it read. */
function changing(place: Place, ways: Ways) {
  return async (
    target: FleetTarget,
    call: string,
    context: CallContext,
    make: (routes: Routes) => Promise<string | undefined>,
  ): Promise<Accepted> => {
    // Weights rest on what was expected of them: whoever wrote in between is to be looked at first.
    const again = call === 'setWeights' ? once : afresh
    const handle = await again(async () => make(await readRoutes(place, ways, target, call, context.signal)))
    return handle === undefined ? {} : { handle }
  }
}

function once<T>(attempt: () => Promise<T>): Promise<T> {
  return attempt()
}
