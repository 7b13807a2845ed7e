import { callFailed } from '../../../src/core/errors.ts'
import type { TrafficRouter } from '../../../src/core/ports.ts'
import type { RouterFacts } from '../../../src/core/snapshot.ts'
import type { Region } from '../region.ts'
import { join, leave, releaseRoute } from './changes.ts'
import { changing } from './changing.ts'
import { readDefaults } from './listeners.ts'
import { facts, lookAt } from './look.ts'
import { routeIn, type Routes } from './read-routes.ts'

const WHY = 'a listener of a Network Load Balancer sends to its target group, without weights'

const byCount: RouterFacts = { ...facts, weights: { can: false, why: WHY, instead: 'by count' } }

/** A router by the target group of these listeners: old and new instances are in it side by side, and get traffic by their number. */
export function createNlb(region: Region, listeners: readonly string[]): TrafficRouter<{ weights: false }> {
  const { read, change } = changing(region, { listeners, read: readDefaults })
  return {
    contract: 1,
    kind: 'nlb',
    limits: { weights: false },
    look: async (target, context) => ({
      ...(await lookAt(region, await read(target, 'look', context), undefined, context.signal)),
      facts: byCount,
    }),
    prepare: (target, binding, context) => change(target, 'prepare', context, (routes) => refuseNew(routes, binding)),
    join: (target, binding, group, context) =>
      change(target, 'join', context, (routes) => join(region, routes, binding, group, context.signal)),
    setWeights: (target, _expected, _wanted, context) =>
      change(target, 'setWeights', context, () => {
        throw callFailed('invalid', 'setWeights', `Weights cannot be set: ${WHY}.`)
      }),
    leave: (target, binding, group, instances, context) =>
      change(target, 'leave', context, (routes) => leave(region, routes, binding, group, instances, context.signal)),
    release: (target, binding, context) =>
      change(target, 'release', context, (routes) => releaseRoute(region, routes, binding, context.signal)),
  }
}

function refuseNew(routes: Routes, binding: string): void {
  if (routeIn(routes, binding) !== undefined) return
  throw callFailed('invalid', 'prepare', `There can be no second route ${binding}: ${WHY}.`)
}
