import { fleetOf, type CheckerOf } from './checker.ts'

/**
 * Law 5: of a generation with a route of its own the route is gone before anybody asks for its group to be deleted, so
 * that a late write of weights that names it is refused.
 */
export const routeBeforeInstances: CheckerOf = (scene, findings) => {
  let read = 0
  return {
    onInstant() {
      const { plan, calls } = scene
      for (; read < calls.length; read++) {
        const call = calls[read]
        if (call?.name !== 'retire' || plan.stable.binding === undefined || plan.stable.binding === plan.candidate.binding)
          continue
        findings.met('law 5')
        const group = String(call.given[1])
        for (const route of fleetOf(scene)?.routes.values() ?? [])
          if (route.groups.has(group) || route.binding === group)
            findings.broken('law 5', `${group} was to be deleted while the route ${route.binding} could still send it traffic`)
      }
    },
  }
}
