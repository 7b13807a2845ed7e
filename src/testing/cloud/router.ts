import type { TrafficRouter } from '../../core/ports.ts'
import type { Desk } from './calls.ts'
import { routerFacts } from './facts.ts'
import { routerLook } from './looks.ts'
import { join, leave, prepare, releaseRoute, setWeights } from './route-operations.ts'
import { SCHEME, type Site } from './site.ts'

/** The simulated cloud's router. */
export function createRouter(site: Site, desk: Desk): TrafficRouter<{ weights: boolean }> {
  const facts = routerFacts(site.settings)
  return {
    contract: 1,
    kind: SCHEME,
    limits: { weights: facts.weights.can },
    look: (target, context) => desk.read('look', context, () => routerLook(site, facts, target)),
    prepare: (target, binding, context) => desk.write(context, prepare(site, target, binding)),
    join: (target, binding, group, context) => desk.write(context, join(site, target, binding, group)),
    setWeights: (target, expected, wanted, context) => desk.write(context, setWeights(site, target, expected, wanted)),
    leave: (target, binding, group, instances, context) => desk.write(context, leave(site, target, binding, group, instances)),
    release: (target, binding, context) => desk.write(context, releaseRoute(site, target, binding)),
  }
}
