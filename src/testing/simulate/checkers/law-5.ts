import { fleetOf, type CheckerOf, type Findings, type Scene } from './checker.ts'

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
    atEnd: () => slotsFilledAnew(scene, findings),
  }
}

/** Nothing that was asked for of a slot before it was seen to be empty for good lands once it is filled again. */
function slotsFilledAnew({ plan, journal, storedAt, world }: Scene, findings: Findings): void {
  if (plan.fleet.placement.kind !== 'slots') return
  const before = new Map<string, Set<string>>()
  const emptied = new Map<string, ReadonlySet<string>>()
  for (const [index, event] of journal.entries()) {
    if (event.type === 'generation.retired') {
      const group = event.generation.split('#')[0] ?? ''
      emptied.set(group, before.get(group) ?? new Set())
      before.delete(group)
    }
    if (event.type !== 'command.intended' || !('group' in event.command)) continue
    const { group, kind } = event.command
    const asked = before.get(group) ?? new Set()
    before.set(group, asked.add(`${event.rolloutId}/${plan.id}/${event.id}`))
    const old = emptied.get(group)
    if (kind !== 'ensure-group' || old === undefined) continue
    findings.met('law 5')
    const filledAt = storedAt[index] ?? Infinity
    const late = world.trace.entries.find(
      ({ at, cause, what }) =>
        // A machine that is dead in this very instant was seen to be so.
        (what.includes(' dead: ') ? at > filledAt : at >= filledAt) &&
        cause.kind === 'call' &&
        old.has(cause.name.split(' ')[0] ?? ''),
    )
    if (late !== undefined)
      findings.broken(
        'law 5',
        `${group} was filled again when what was asked of it before could land: ${late.what} (${late.cause.name})`,
      )
  }
}
