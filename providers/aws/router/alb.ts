import type { TrafficRouter } from '../../../src/core/ports.ts'
import type { Region } from '../region.ts'
import { join, leave, prepare, releaseRoute, setWeights } from './changes.ts'
import { changing } from './changing.ts'
import { readForwards } from './listeners.ts'
import { lookAt } from './look.ts'
import { ROUTE_NAMES } from './notes.ts'
import type { PreviewWay } from './preview.ts'

/** A router by weighted forwards of these listeners, by ARN, and all of their rules that name the fleet. */
export function createAlb(region: Region, listeners: readonly string[], preview?: PreviewWay): TrafficRouter<{ weights: true }> {
  const { read, change } = changing(region, { listeners, read: readForwards, preview })
  return {
    contract: 1,
    kind: 'alb',
    limits: { weights: true },
    names: ROUTE_NAMES,
    look: async (target, context) => lookAt(region, await read(target, 'look', context), preview, context.signal),
    prepare: (target, binding, context) =>
      change(target, 'prepare', context, (routes) => prepare(region, routes, binding, context.signal)),
    join: (target, binding, group, context) =>
      change(target, 'join', context, (routes) => join(region, routes, binding, group, context.signal)),
    setWeights: (target, expected, wanted, context) =>
      change(target, 'setWeights', context, (routes) => setWeights(region, routes, expected, wanted, context.signal)),
    leave: (target, binding, group, instances, context) =>
      change(target, 'leave', context, (routes) => leave(region, routes, binding, group, instances, context.signal)),
    release: (target, binding, context) =>
      change(target, 'release', context, (routes) => releaseRoute(region, routes, binding, context.signal)),
  }
}
