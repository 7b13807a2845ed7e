import type { Problem } from './errors.ts'
import { restsOn } from './make-plan.ts'
import type { Plan } from './plan.ts'
import type { FleetSnapshot } from './snapshot.ts'

/** How the world differs from what a plan rests on: groups, releases, routes, capabilities; not sizes. Empty when it does not. */
export function differences(plan: Plan, snapshot: FleetSnapshot): readonly Problem[] {
  const now = restsOn(snapshot)
  const problems: Problem[] = []
  if (plan.fleet.id !== snapshot.fleet) problems.push({ path: 'fleet.id', found: snapshot.fleet, allowed: plan.fleet.id })
  compare('groups', plan.restsOn.groups, now.groups, problems)
  compare('routes', plan.restsOn.routes, now.routes, problems)
  compare('provider', plan.restsOn.provider, now.provider, problems)
  compare('router', plan.restsOn.router, now.router, problems)
  return problems
}

/** Walks two plain values and names every place where they differ. */
function compare(path: string, planned: unknown, found: unknown, problems: Problem[]): void {
  if (Object.is(planned, found)) return
  if (isTree(planned) && isTree(found)) {
    for (const key of new Set([...Object.keys(planned), ...Object.keys(found)])) {
      const below = Array.isArray(planned) ? `${path}[${key}]` : `${path}.${key}`
      compare(below, planned[key], found[key], problems)
    }
    return
  }
  problems.push({ path, found: show(found), allowed: show(planned) })
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value)
}

function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
