import { routeOfGroup, type Found } from './adoption.ts'
import type { Course } from './course.ts'
import { estimates } from './estimate.ts'
import type { ResolvedFleet } from './fleet-spec.ts'
import { canonical, type Json } from './json.ts'
import { generationId, nextGroupName, type NewNames } from './naming.ts'
import { otherSlot } from './placement.ts'
import { PLAN_FORMAT, type AskedFor, type Plan, type PlannedGeneration, type RestsOn } from './plan.ts'
import type { Placement, ResolvedRelease } from './ports.ts'
import { readOnlyBecause } from './read-only.ts'
import type { ShapeRouting } from './shape.ts'
import type { At, FleetSnapshot, GroupId } from './snapshot.ts'

/** How long a plan may be started after it was made. */
export const PLAN_EXPIRES_MS = 86_400_000

/** Everything a plan is made of; all of it was looked up before. */
export interface PlanParts {
  readonly name: string
  readonly providerName: string
  readonly store: string
  readonly placement: Placement
  readonly fleet: ResolvedFleet
  readonly snapshot: FleetSnapshot
  readonly found: Found
  /** What was asked for. @default - nothing: it was met */
  readonly asked?: AskedFor
  /** A candidate that is there already. @default - a new generation */
  readonly candidate?: PlannedGeneration
  /** The rollout whose claim is taken over. @default - none */
  readonly takesOver?: string | undefined
  /** Group names that earlier rollouts used; none of them is used again. */
  readonly usedGroups: readonly string[]
  readonly resolved: ResolvedRelease
  readonly strategy: { readonly name: string; readonly version: number; readonly options: Json }
  readonly course: Course
  readonly now: At
  /** Time between two looks. */
  readonly lookMs: number
  readonly expiresMs: number
  /** Gives a short id for a text. */
  readonly digest: (text: string) => string
}

/** Makes the plan: plain JSON, the same for the same parts. Pure. */
export function makePlan(parts: PlanParts): Plan {
  const { snapshot, found, resolved, course, fleet } = parts
  const candidate = parts.candidate ?? candidateOf(parts)
  const { stable, group, demand } = found
  const router = snapshot.traffic?.facts
  const facts = { provider: snapshot.facts, ...(router === undefined ? {} : { router }) }
  const drain = { deadlineMs: snapshot.facts.drainDeadlineMs, ...fleet.drain }
  const usual = { demand, floor: fleet.floor, drain, lookMs: parts.lookMs, ...facts }
  const body: Omit<Plan, 'id'> = {
    v: PLAN_FORMAT,
    createdAt: parts.now,
    expiresAt: parts.now + parts.expiresMs,
    fleet: { name: parts.name, id: snapshot.fleet, provider: parts.providerName, store: parts.store, placement: parts.placement },
    image: resolved.release.image,
    ...(resolved.alias === undefined ? {} : { alias: resolved.alias }),
    details: resolved.details,
    strategy: parts.strategy,
    stable,
    candidate,
    leftovers: [...found.leftovers, ...found.beside.filter((one) => one.generation !== candidate.generation)],
    waypoints: course.waypoints,
    back: course.back,
    recorded: {
      size: demand,
      min: group.holds.find((hold) => hold.kind === 'scale-in')?.previousMin ?? group.min,
      max: group.max,
      failures: group.failures.count,
      ...(snapshot.traffic === undefined ? {} : { weights: weightsOf(snapshot) }),
    },
    ...(parts.takesOver === undefined ? {} : { takesOver: parts.takesOver }),
    floor: fleet.floor,
    health: fleet.health,
    drain,
    restsOn: restsOn(snapshot),
    estimates: estimates(course.waypoints, course.back, usual),
    notes: [...course.notes, ...notesOf(parts), ...unowned(snapshot, [stable, candidate, ...found.leftovers])],
    asked: parts.asked ?? {},
    sealed: resolved.sealed,
  }
  return { id: parts.digest(canonical(body)), ...body }
}

/** What a plan's id must be, whatever order its keys are in: one that was changed after it was made has another. */
export function idOfPlan({ id: _id, ...body }: Plan, digest: PlanParts['digest']): string {
  return digest(canonical(body))
}

/** What a plan made from this snapshot rests on. */
export function restsOn(snapshot: FleetSnapshot): RestsOn {
  const router = snapshot.traffic?.facts
  return {
    groups: snapshot.groups.map(({ id, release }) => ({ id, release })),
    routes: (snapshot.traffic?.routing.routes ?? []).map(({ binding, weight, groups }) => ({ binding, weight, groups })),
    provider: snapshot.facts,
    ...(router === undefined ? {} : { router }),
  }
}

/** A generation of its own beside stable; by count, and in place, it shares stable's route. */
function candidateOf({ placement, snapshot, found, resolved, course, usedGroups }: PlanParts): PlannedGeneration {
  const { stable } = found
  const group = candidateGroup(placement, stable.group, [...snapshot.groups.map((one) => one.id), ...usedGroups])
  const generation = generationId(placement, group, resolved.release.id)
  const weighted = course.waypoints[0]?.shape.routing.by === 'weights'
  const own = placement.kind === 'slots' ? routeOfGroup(snapshot, group)?.binding : group
  const binding = weighted ? own : stable.binding
  const there = found.beside.find((one) => one.generation === generation)
  return there ?? { generation, group, release: resolved.release, ...(binding === undefined ? {} : { binding }) }
}

/** What a plan calls what it makes: a clone has a group of its own, and by weights a route. */
export function newNames(
  { placement, snapshot, found, usedGroups }: Pick<PlanParts, 'placement' | 'snapshot' | 'found' | 'usedGroups'>,
  by: ShapeRouting['by'] | undefined,
): NewNames {
  if (placement.kind !== 'clone') return {}
  const group = candidateGroup(placement, found.stable.group, [...snapshot.groups.map((one) => one.id), ...usedGroups])
  return by === 'weights' ? { group, route: group } : { group }
}

function candidateGroup(placement: Placement, stable: GroupId, taken: readonly GroupId[]): GroupId {
  switch (placement.kind) {
    case 'clone':
      return nextGroupName([stable, ...taken])
    case 'slots':
      return otherSlot(placement, stable)
    case 'in-place':
      return stable
  }
}

function weightsOf(snapshot: FleetSnapshot): Record<string, number> {
  const weights: Record<string, number> = {}
  for (const route of snapshot.traffic?.routing.routes ?? []) weights[route.binding] = route.weight
  return weights
}

function notesOf({ snapshot, found, placement, candidate }: PlanParts): string[] {
  const notes: string[] = []
  for (const one of found.leftovers) notes.push(`${one.generation} was left behind by an earlier rollout and is retired first.`)
  for (const one of found.beside)
    notes.push(
      `${one.size} instances of ${one.release.id} run in ${one.group} too: they serve until the candidate does, and going back replaces them by stable.`,
    )
  if (candidate !== undefined)
    notes.push(
      `Rebuilt from marks and world: ${candidate.generation} was there; what had been proven is proven again, and ${found.demand} instances count as needed.`,
    )
  if (placement.kind === 'in-place')
    notes.push('In place the group itself launches candidate instances for repairs, so exposure is not bounded by the waypoints.')
  if (found.demand === 0)
    notes.push('The fleet has no instances: where none is needed to carry a weight, nothing runs that could prove the release.')
  if (snapshot.traffic !== undefined && routeOfGroup(snapshot, found.stable.group) === undefined)
    notes.push(`${found.stable.group} receives no traffic from the router now.`)
  const readOnly = readOnlyBecause(snapshot.facts)
  if (readOnly !== undefined) notes.push(`This plan can be read and not started: ${readOnly}.`)
  else if (!snapshot.facts.conditional.can || snapshot.traffic?.facts.conditional.can === false)
    notes.push(
      `Some writes are not conditional here: one whose answer is lost is waited out for ${snapshot.facts.lateCallHorizonMs / 1_000} s.`,
    )
  return notes
}

/** Routes that no group is joined to and no generation goes by: somebody deleted the group of one while no journal knew of it. */
function unowned(snapshot: FleetSnapshot, generations: readonly PlannedGeneration[]): string[] {
  return (snapshot.traffic?.routing.routes ?? [])
    .filter(({ binding, groups }) => groups.length === 0 && generations.every((one) => one.binding !== binding))
    .map(({ binding, partial }) =>
      partial === true
        ? `No traffic reaches the route ${binding} that was begun and never made: it stays.`
        : `No group is joined to the route ${binding} and nothing says whose it is: it stays.`,
    )
}
