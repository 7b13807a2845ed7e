import { rolloutError, type RolloutError } from './errors.ts'
import { generationId } from './naming.ts'
import type { PlannedGeneration } from './plan.ts'
import type { Placement } from './ports.ts'
import type { FleetSnapshot, GroupView, RouteView } from './snapshot.ts'

/** What serves a fleet now, as a plan needs to know it. */
export interface Found {
  readonly stable: PlannedGeneration
  readonly group: GroupView
  /** Generations without traffic that earlier rollouts left behind. */
  readonly leftovers: readonly PlannedGeneration[]
}

/**
 * Finds the generation that serves a fleet.
 *
 * @throws RolloutError `adoption-refused` with the choices, when somebody must decide first.
 */
export function findStable(fleet: string, placement: Placement, snapshot: FleetSnapshot, store: string, now: number): Found {
  const group = servingGroup(placement, snapshot)
  if (group === undefined) throw refused(fleet, 'no group of it', ['check the name', 'create the group first'])
  if (snapshot.foreign !== undefined) throw refused(fleet, snapshot.foreign, ['wait until it has ended', 'stop it'])
  refuseOtherStore(fleet, snapshot, store, now)
  const release = stableRelease(fleet, placement, group)
  const known = snapshot.releases[release]
  if (known === undefined)
    throw refused(fleet, `${group.id} launches a release that its provider cannot describe`, ['mend the group'])
  const stable = planned(placement, snapshot, group, release)
  if (stable === undefined) throw refused(fleet, `nothing known about release ${release}`, ['mend the group'])
  const leftovers = snapshot.groups
    .filter((one) => one.id !== group.id && one.createdBy !== undefined && weightOf(snapshot, one) === 0)
    .flatMap((one) => planned(placement, snapshot, one, one.release) ?? [])
  return { stable, group, leftovers }
}

/** The route that a group's instances receive traffic by. */
export function routeOfGroup(snapshot: FleetSnapshot, group: string): RouteView | undefined {
  return snapshot.traffic?.routing.routes.find((route) => route.groups.includes(group))
}

/** The group with the most traffic; without a router, or before any, the one that was named, or the largest. */
function servingGroup(placement: Placement, snapshot: FleetSnapshot): GroupView | undefined {
  const named = placement.kind === 'clone' ? placement.adopt : placement.kind === 'in-place' ? placement.group : placement.a
  const rank = (group: GroupView) => [weightOf(snapshot, group), sum(group.sizes), group.id === named ? 1 : 0]
  return [...snapshot.groups].sort((a, b) => compare(rank(b), rank(a)))[0]
}

function stableRelease(fleet: string, placement: Placement, group: GroupView): string {
  const asked = placement.kind === 'slots' ? undefined : placement.stable
  if (asked !== undefined) return asked
  const running = new Set(
    group.instances.filter((instance) => instance.state !== 'terminating').map((instance) => instance.release),
  )
  if (running.size <= 1) return [...running][0] ?? group.release
  const found = `${group.id} runs ${running.size} releases at once (${[...running].join(', ')})`
  throw refused(fleet, found, [`say which is stable: { stable: '${group.release}' }`, 'finish what was begun on it'])
}

function refuseOtherStore(fleet: string, snapshot: FleetSnapshot, store: string, now: number): void {
  for (const group of snapshot.groups) {
    for (const hold of group.holds) {
      if (hold.kind !== 'claim' || hold.expiresAt <= now || hold.store === store) continue
      const found = `${group.id} is claimed by ${hold.owner}, whose journal is in another store (${hold.store}), until ${new Date(hold.expiresAt).toISOString()}`
      throw refused(fleet, found, ['use that store', 'wait until the claim runs out'])
    }
  }
}

function planned(
  placement: Placement,
  snapshot: FleetSnapshot,
  group: GroupView,
  release: string,
): PlannedGeneration | undefined {
  const known = snapshot.releases[release]
  const route = routeOfGroup(snapshot, group.id)
  if (known === undefined) return undefined
  const generation = generationId(placement, group.id, release)
  return { generation, group: group.id, release: known, ...(route === undefined ? {} : { binding: route.binding }) }
}

function weightOf(snapshot: FleetSnapshot, group: GroupView): number {
  return routeOfGroup(snapshot, group.id)?.weight ?? 0
}

function sum(sizes: GroupView['sizes']): number {
  return Object.values(sizes).reduce((total, size) => total + size, 0)
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, one] of a.entries()) if (one !== b[index]) return one - (b[index] ?? 0)
  return 0
}

function refused(fleet: string, found: string, choices: readonly string[]): RolloutError<'adoption-refused'> {
  return rolloutError(
    'adoption-refused',
    `The fleet ${fleet} cannot be planned: found ${found}. Choices: ${choices.join('; ')}.`,
    { fleet, found, choices },
  )
}
