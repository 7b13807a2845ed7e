import { refused, type Contact } from './contact.ts'
import type { Problem } from './errors.ts'
import { activeUpdate, refuseForeign } from './foreign.ts'
import { formatImageRef } from './image.ts'
import { generationId } from './naming.ts'
import { groupsNamed, otherSlot } from './placement.ts'
import type { PlannedGeneration } from './plan.ts'
import type { Placement } from './ports.ts'
import type { ShapeRouting } from './shape.ts'
import type { FleetSnapshot, GroupView, RouteView } from './snapshot.ts'

/** What serves a fleet now, as a plan needs to know it. */
export interface Found {
  readonly stable: PlannedGeneration
  readonly group: GroupView
  /** Instances that serve, whatever they run: what the fleet must not fall below. */
  readonly demand: number
  /** What else serves in stable's group, where instances are replaced in it. */
  readonly beside: readonly PlannedGeneration[]
  /** Generations without traffic that earlier rollouts left behind. */
  readonly leftovers: readonly PlannedGeneration[]
}

/**
 * Finds the generation that serves a fleet.
 *
 * @throws RolloutError `adoption-refused` with the choices, when somebody must decide first.
 */
export function findStable(contact: Contact): Found {
  const { fleet, placement, snapshot } = contact
  const group = servingGroup(placement, snapshot)
  if (group === undefined) {
    const others = snapshot.groups.map((one) => one.id).join(' and ')
    throw refused(fleet, others === '' ? 'no group of it' : `${others}, which is not the one that it is said to have`, [
      'check the name',
      'create the group first',
    ])
  }
  refuseForeign(contact)
  refuseTorn(contact, group)
  const release = stableRelease(fleet, placement, group, contact.supervises !== undefined)
  refuseMoved(contact, group, release)
  const known = (id: string) => {
    const found = planned(placement, snapshot, group, id)
    if (found !== undefined) return found
    throw refused(fleet, `release ${id} of ${group.id}, which its provider cannot describe`, ['mend the group'])
  }
  const stable = known(release)
  if (snapshot.traffic !== undefined && stable.binding === undefined)
    throw refused(fleet, `${group.id}, to which no route of its router leads`, [
      'join it to the route that is meant for it',
      'declare the fleet without `traffic`',
    ])
  refuseOtherWays(contact, group, stable.binding)
  const sized = (id: string) => ({ ...known(id), size: group.sizes[id] ?? 0 })
  const beside = runningIn(group).filter((id) => id !== release)
  const leftovers = snapshot.groups
    .filter((one) => one.id !== group.id && one.createdBy !== undefined && !isServing(snapshot, one))
    .flatMap((one) => planned(placement, snapshot, one, one.release) ?? [])
  return {
    stable: beside.length === 0 ? stable : sized(release),
    group,
    demand: sum(group.sizes),
    beside: beside.map(sized),
    leftovers,
  }
}

/** The route that a group's instances receive traffic by. */
export function routeOfGroup(snapshot: FleetSnapshot, group: string): RouteView | undefined {
  return snapshot.traffic?.routing.routes.find((route) => route.groups.includes(group))
}

/** @throws RolloutError `adoption-refused` when the slot that the new generation is to go into is not empty. */
export function refuseFullSlot({ fleet, placement, snapshot }: Contact, { stable }: Found): void {
  if (placement.kind !== 'slots') return
  const full = snapshot.groups.find((group) => group.id === otherSlot(placement, stable.group))
  if (full === undefined) return
  const instances = full.instances.length === 1 ? '1 instance' : `${full.instances.length} instances`
  const owner = full.createdBy ?? full.holds[0]?.owner
  const left = owner === undefined ? 'which no rollout left there' : `left so by ${owner}`
  throw refused(fleet, `${full.id}, the slot that is to be empty, with ${instances}, ${left}`, [
    ...(owner === undefined ? [] : ['sweep the fleet, which empties it once its marks have run out']),
    ...(full.instances.length > 0 || sum(full.sizes) > 0 ? ['scale it to 0'] : []),
  ])
}

/** What keeps two slots from being used in a way of routing: infrastructure code owns them, so nothing joins them to other routes. */
export function slotProblems(
  placement: Placement,
  snapshot: FleetSnapshot,
  { stable }: Found,
  by: ShapeRouting['by'],
): Problem[] {
  if (placement.kind !== 'slots' || snapshot.traffic === undefined) return []
  const spare = otherSlot(placement, stable.group)
  const binding = routeOfGroup(snapshot, spare)?.binding
  if (by === 'count' ? binding === stable.binding : binding !== undefined && binding !== stable.binding) return []
  const leads = `${stable.binding} leads to ${stable.group}, and ${binding ?? 'no route'} to ${spare}`
  return [
    by === 'count'
      ? {
          path: 'groups',
          found: `${leads}, to be rolled by count`,
          allowed: 'slots on one route, or a strategy that sets weights',
        }
      : { path: 'groups', found: `${leads}, to be rolled by weights`, allowed: 'slots with a route each' },
  ]
}

/** @throws RolloutError `adoption-refused` when another group serves beside the one that is planned from: it would be forgotten. */
function refuseTorn({ fleet, placement, snapshot }: Contact, group: GroupView): void {
  const other = servingGroups(placement, snapshot).find((one) => one.id !== group.id)
  if (other === undefined) return
  throw refused(fleet, `${other.id} serving beside ${group.id}, as a rollout leaves them that ended in the middle`, [
    'rebuild it by fleet.import(), then let it go on or roll it back',
    'take the traffic from one of them',
  ])
}

/**
 * In place the group is told what to launch. Otherwise it is left as it is, and would replace an instance that dies, and grow, by another
 * release than the one that the way back leads to.
 *
 * @throws RolloutError `adoption-refused` when a group launches something else than it runs.
 */
function refuseMoved({ fleet, placement, snapshot }: Contact, group: GroupView, release: string): void {
  if (placement.kind === 'in-place' || group.release === release) return
  const name = (id: string) => {
    const { image, template } = snapshot.releases[id] ?? {}
    return image === undefined ? id : `${formatImageRef(image)}${template === undefined ? '' : ` (${template})`}`
  }
  throw refused(fleet, `${group.id}, which runs ${name(release)} and launches ${name(group.release)} by now`, [
    'have it launch what it runs, by a version that does not move',
    `roll it in place: inPlace('${group.id}')`,
  ])
}

/** @throws RolloutError `adoption-refused` when a group receives traffic by more than the one route that a generation has. */
function refuseOtherWays({ fleet, placement, snapshot }: Contact, group: GroupView, binding: string | undefined): void {
  const routes = (snapshot.traffic?.routing.routes ?? []).filter((one) => one.groups.includes(group.id))
  if (routes.length > 1) {
    const several = routes.map((one) => one.binding).join(' and ')
    throw refused(fleet, `${group.id}, which receives traffic by ${several}: a generation has one route`, [
      'give it one route',
      'declare a router that knows one of them, and roll it in place',
    ])
  }
  // In place the group itself keeps its ways; a clone of it would be without them.
  const others = placement.kind === 'in-place' ? [] : (group.joins ?? []).filter((one) => one !== binding)
  if (others.length === 0) return
  const unknown = snapshot.traffic === undefined ? 'and the fleet declares no router' : 'which its router does not know'
  throw refused(fleet, `${group.id}, which receives traffic by ${others.join(' and ')}, ${unknown}`, [
    `declare the router that sends there`,
    `roll it in place: inPlace('${group.id}')`,
  ])
}

/** Groups of a fleet that serve, first those that were there before any rollout, then by age. */
export function servingGroups(placement: Placement, snapshot: FleetSnapshot): readonly GroupView[] {
  return ours(placement, snapshot)
    .filter((group) => isServing(snapshot, group))
    .sort((a, b) => Number(a.createdBy !== undefined) - Number(b.createdBy !== undefined) || (a.id < b.id ? -1 : 1))
}

/** A group that is neither named nor made by a rollout is somebody else's, wherever the named one may be. */
function ours(placement: Placement, snapshot: FleetSnapshot): GroupView[] {
  const named = groupsNamed(placement)
  return snapshot.groups.filter((group) => named.includes(group.id) || group.createdBy !== undefined)
}

/** The group with the most traffic; without a router, or before any, the one that was named, or the largest. */
function servingGroup(placement: Placement, snapshot: FleetSnapshot): GroupView | undefined {
  const [named] = groupsNamed(placement)
  const rank = (group: GroupView) => [weightOf(snapshot, group), sum(group.sizes), group.id === named ? 1 : 0]
  return ours(placement, snapshot).sort((a, b) => compare(rank(b), rank(a)))[0]
}

/**
 * The one release that a group runs, or the one of several that the fleet says is stable.
 *
 * @throws RolloutError `adoption-refused` for several without a word which, and for a word that is not so.
 */
export function stableRelease(fleet: string, placement: Placement, group: GroupView, supervised = false): string {
  const all = runningIn(group)
  // What an updater launches that is supervised is the candidate.
  const replaced = supervised ? all.filter((one) => one !== activeUpdate(group)?.release) : all
  const running = replaced.length === 0 ? all : replaced
  const said = placement.kind === 'in-place' ? placement.stable : undefined
  const runs = `${group.id} runs ${running.join(', ') || 'nothing'}`
  if (said !== undefined && !(running.length === 0 ? [group.release] : running).includes(said))
    throw refused(fleet, `${runs}, and not ${said}, which is said to be stable`, [
      'leave `stable` out when one release runs',
      ...(running.length > 1 ? saying(running) : []),
    ])
  if (running.length <= 1) return running[0] ?? group.release
  if (said !== undefined) return said
  const several = `${running.length} releases at once in one group: ${runs}`
  throw refused(fleet, several, [
    // A group that is cloned is taken out of the routes as a whole: only in place are its instances told apart.
    ...(placement.kind === 'in-place'
      ? saying(running)
      : [`roll it in place first: inPlace('${group.id}', { stable: '${running[0]}' })`]),
    'finish what was begun on it',
  ])
}

function saying(running: readonly string[]): string[] {
  return running.map((release) => `say that it is stable: { stable: '${release}' }`)
}

/** Releases that a group runs, or is to run. */
function runningIn({ instances, sizes }: GroupView): readonly string[] {
  const running = instances.filter((one) => one.state !== 'terminating').map((one) => one.release)
  return [...new Set([...Object.keys(sizes).filter((release) => (sizes[release] ?? 0) > 0), ...running])]
}

/** A generation that is there, as a plan names it; `undefined` when its release cannot be described. */
export function planned(
  placement: Placement,
  snapshot: FleetSnapshot,
  group: GroupView,
  release: string,
): PlannedGeneration | undefined {
  const known = snapshot.releases[release]
  if (known === undefined) return undefined
  const route = routeOfGroup(snapshot, group.id) ?? abandonedRoute(snapshot, group)
  const generation = generationId(placement, group.id, release)
  return { generation, group: group.id, release: known, ...(route === undefined ? {} : { binding: route.binding }) }
}

/** A route that was made for a group and which the group has left, or has not joined yet: it goes with the group. */
function abandonedRoute(snapshot: FleetSnapshot, group: GroupView): RouteView | undefined {
  if (group.createdBy === undefined) return undefined
  return snapshot.traffic?.routing.routes.find((route) => route.binding === group.id && route.groups.length === 0)
}

/** Whether a group gets traffic and has somebody to take it: by count an empty one is joined to stable's route until the last. */
export function isServing(snapshot: FleetSnapshot, group: GroupView): boolean {
  return weightOf(snapshot, group) > 0 && sum(group.sizes) > 0
}

/** Units of traffic that a group receives. */
export function weightOf(snapshot: FleetSnapshot, group: GroupView): number {
  return routeOfGroup(snapshot, group.id)?.weight ?? 0
}

function sum(sizes: GroupView['sizes']): number {
  return Object.values(sizes).reduce((total, size) => total + size, 0)
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, one] of a.entries()) if (one !== b[index]) return one - (b[index] ?? 0)
  return 0
}
