import { fleetOf, type CheckerOf } from './checker.ts'

/**
 * Law 5: of a generation with a route of its own the route is gone before anybody asks for its group to be deleted, so
 * that a late write of weights that names it is refused. A slot keeps its route: nobody there is reached by then, and what
 * may still land has landed before it is filled again.
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
        if (plan.fleet.placement.kind === 'slots') {
          const reached =
            fleetOf(scene)
              ?.groups.get(group)
              ?.instances.filter((one) => one.serving) ?? []
          // What came up since the look was not there to be taken out; it has no weight.
          const weight = Math.max(
            0,
            ...[...(fleetOf(scene)?.routes.values() ?? [])].map((one) => (one.groups.has(group) ? one.inForce : 0)),
          )
          if (reached.length > 0 && weight > 0)
            findings.broken('law 5', `${group} was to be emptied while its route sent it ${weight}`)
          continue
        }
        for (const route of fleetOf(scene)?.routes.values() ?? [])
          if (route.groups.has(group) || route.binding === group)
            findings.broken('law 5', `${group} was to be deleted while the route ${route.binding} could still send it traffic`)
      }
    },
  }
}
