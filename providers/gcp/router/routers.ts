import { callFailed } from '../../../src/core/errors.ts'
import type { RouterLimits, TrafficRouter } from '../../../src/core/ports.ts'
const READ_ONLY = ''
import type { Where } from '../where.ts'
import { lookAt } from './look.ts'
import type { BackendServiceOptions, UrlMapOptions } from './options.ts'
import { readRoutes, type Ways } from './read-routes.ts'

/** A router by the weights of a URL map's actions: each generation has a backend service of its own. */
export function createUrlMapRouter(where: Where, options: UrlMapOptions): TrafficRouter<{ weights: true }> {
  return routerOf(where, 'url-map', { weights: true }, options)
}

/** A router by one backend service: old and new instances are behind it side by side, and get traffic by their number. */
export function createBackendServiceRouter(where: Where, options: BackendServiceOptions): TrafficRouter<{ weights: false }> {
  const router = routerOf(where, 'backend-service', { weights: false }, options)
  const why = 'a backend service shares among its groups by their capacity, without weights'
  return {
    ...router,
    async look(target, context) {
      const { routing, facts } = await router.look(target, context)
      return { routing, facts: { ...facts, weights: { can: false, why, instead: 'by count, or urlMap()' } } }
    },
  }
}

function routerOf<Limits extends RouterLimits>(where: Where, kind: string, limits: Limits, ways: Ways): TrafficRouter<Limits> {
  return {
    contract: 1,
    kind,
    limits,
    look: async (target, { signal }) => await lookAt(where, await readRoutes(where, ways, target, signal), signal),
    prepare: () => refused('prepare'),
    join: () => refused('join'),
    setWeights: () => refused('setWeights'),
    leave: () => refused('leave'),
    release: () => refused('release'),
  }
}

/** A rollout that would ask is not started: the facts of its provider say that nothing is changed. */
function refused(call: string): Promise<never> {
  return Promise.reject(callFailed('denied', call, `${call} was not sent: ${READ_ONLY}.`))
}
