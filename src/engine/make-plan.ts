import { findStable, refuseFullSlot, slotProblems, type Found } from '../core/adoption.ts'
import { problemsOf, type Course } from '../core/course.ts'
import { activeUpdate, refuseForeign } from '../core/foreign.ts'
import { isRolloutError, problemsError, type Problem } from '../core/errors.ts'
import { formatImageRef } from '../core/image.ts'
import { makePlan, newNames, PLAN_EXPIRES_MS, type PlanParts } from '../core/make-plan.ts'
import { nameProblems } from '../core/naming.ts'
import type { Plan } from '../core/plan.ts'
import { planTable } from '../core/plan-table.ts'
import type { ResolvedRelease } from '../core/ports.ts'
import type { FleetSnapshot, Release } from '../core/snapshot.ts'
import { byWeights, nativeOf, type PlanContext, type Strategy } from '../strategies/strategy.ts'
import { shortDigest } from './digest.ts'
import { headOf } from './heads.ts'
import { contactOf, lookNow } from './look-now.ts'
import { missingProblems } from './missing.ts'
import type { Declared, Registry } from './registry.ts'
import { tryResolve, type Asked } from './resolve.ts'
import { checkSpec, type CheckedSpec, type RolloutSpec } from './rollout-spec.ts'
import { lookMsOf, type Runtime } from './runtime.ts'

/** How a plan is made. */
export interface PlanOptions {
  /** Let go of what is under way. @default - wait for it */
  readonly signal?: AbortSignal | undefined
  /** The release whose settings the new one starts from. @default - the one that serves now */
  readonly base?: Release | undefined
}

/**
 * Makes a plan: reads only. Everything that is wrong with spec, fleet and image is said at once.
 *
 * @throws RolloutError `spec-invalid` or `unsupported` with every problem, `adoption-refused`, `call-failed`.
 */
export async function planRollout(
  runtime: Runtime,
  registry: Registry,
  fleet: Declared,
  given: RolloutSpec,
  { signal, base }: PlanOptions = {},
): Promise<Plan> {
  const spec = checkSpec(given)
  const { snapshot, found } = await meet(runtime, registry, fleet, spec, signal)
  const context = contextOf(fleet, snapshot, found.demand)
  const chosen = spec.strategy === undefined ? NOTHING_CHOSEN : choose(runtime, fleet, spec.strategy, context)
  const asked = { runtime, registry, fleet, id: snapshot.fleet, signal }
  const { resolved, ...image } = await resolve(asked, spec, base ?? found.stable.release, found.stable.release.id)
  const { course } = chosen
  const faults = [...spec.problems, ...chosen.problems, ...image.faults]
  const by = course?.waypoints[0]?.shape.routing.by
  const slots = by === undefined ? [] : slotProblems(fleet.placement, snapshot, found, by)
  const { groups: usedGroups } = await headOf(runtime, snapshot.fleet)
  const called = newNames({ placement: fleet.placement, snapshot, found, usedGroups }, by)
  const names = nameProblems(called, { group: registry.providerOf(fleet).names, route: fleet.router?.names })
  const obstacles = [...fleetProblems(fleet, snapshot), ...slots, ...names, ...image.obstacles]
  // What an updater is to be supervised towards is known only now.
  if (resolved !== undefined) refuseForeign(contactOf(runtime, fleet, snapshot, spec.takeOver, resolved.release.id))
  const wrong = faults.length + obstacles.length > 0
  if (wrong || course === undefined || spec.strategy === undefined || resolved === undefined)
    throw refusal(fleet, faults, obstacles)
  const parts = partsOf(runtime, fleet, snapshot, spec.strategy, course)
  const { image: wanted, launch, expiresMs, takeOver: takesOver } = spec
  const request = {
    ...(wanted === undefined ? {} : { image: wanted }),
    ...(launch === undefined ? {} : { launch }),
    ...(base === undefined ? {} : { base }),
  }
  return printable(makePlan({ ...parts, found, usedGroups, resolved, expiresMs, takesOver, asked: request }))
}

/** A look at the fleet and what serves it; what is wrong with the spec is said even where the fleet cannot be met. */
async function meet(
  runtime: Runtime,
  registry: Registry,
  fleet: Declared,
  spec: CheckedSpec,
  signal: AbortSignal | undefined,
): Promise<{ readonly snapshot: FleetSnapshot; readonly found: Found }> {
  try {
    const snapshot = await lookNow(runtime, registry, fleet, signal)
    const contact = contactOf(runtime, fleet, snapshot, spec.takeOver, spec.strategy?.native)
    const found = findStable(contact)
    refuseFullSlot(contact, found)
    return { snapshot, found }
  } catch (error) {
    if (spec.problems.length === 0 || !isRolloutError(error)) throw error
    const met: Problem[] = isRolloutError(error, 'adoption-refused')
      ? [{ path: 'groups', found: error.facts.found, allowed: error.facts.choices.join('; ') }]
      : []
    throw refusal(fleet, [...spec.problems, ...met], [])
  }
}

/** The course that a strategy chooses, or all that is wrong with it and with what it names. */
export interface Chosen {
  /** @default - none that could be used */
  readonly course?: Course
  readonly problems: readonly Problem[]
}

const NOTHING_CHOSEN: Chosen = { problems: [] }

/** Lets a strategy choose, and judges what it chose, whosever it is. */
export function choose(runtime: Runtime, fleet: Declared, strategy: Strategy, context: PlanContext): Chosen {
  const { health, drain } = fleet.resolved
  const unfit = strategy.problems(context)
  const { course, problems = [] } = unfit.length > 0 ? {} : planned(strategy, context)
  const all = [...unfit, ...problems, ...missingProblems(runtime, strategy, { health, drain, ...course })]
  return course === undefined || all.length > 0 ? { problems: all } : { course, problems: [] }
}

function planned(strategy: Strategy, context: PlanContext): Partial<Chosen> {
  try {
    const course = strategy.plan(context)
    const { shares, preview } = context.router ?? {}
    const ways = { weighted: byWeights(context), shares, preview, native: nativeOf(context) }
    const problems = problemsOf(course, ways)
    return problems.length > 0 ? { problems } : { course }
  } catch (error) {
    if (isRolloutError(error, 'spec-invalid')) return { problems: error.facts.problems }
    throw error
  }
}

/** What every plan of a fleet is made of. */
export function partsOf(
  runtime: Runtime,
  fleet: Declared,
  snapshot: FleetSnapshot,
  { name, version, options }: Strategy,
  course: Course,
): Omit<PlanParts, 'found' | 'usedGroups' | 'resolved'> {
  return {
    name: fleet.name,
    providerName: fleet.provider,
    store: runtime.store.id,
    placement: fleet.placement,
    fleet: fleet.resolved,
    snapshot,
    strategy: { name, version, options },
    course,
    now: snapshot.beganAt,
    lookMs: lookMsOf(runtime, snapshot.facts),
    expiresMs: PLAN_EXPIRES_MS,
    digest: shortDigest,
  }
}

/** Every problem in one error: `spec-invalid` when something asked for is wrong, `unsupported` when only the fleet cannot do it. */
export function refusal(fleet: Declared, faults: readonly Problem[], obstacles: readonly Problem[]) {
  const code = faults.length > 0 ? 'spec-invalid' : 'unsupported'
  return problemsError(code, `The rollout of ${fleet.name} cannot be planned`, [...faults, ...obstacles])
}

/** A plan whose text is its table; as JSON it is the plan and nothing else. */
export function printable(plan: Plan): Plan {
  return Object.defineProperty({ ...plan }, 'toString', { value: () => planTable(plan), enumerable: false })
}

interface ResolvedImage {
  /** @default - it could not be resolved */
  readonly resolved?: ResolvedRelease
  readonly faults: readonly Problem[]
  readonly obstacles: readonly Problem[]
}

/** What shall be launched. An image that is no image was found wanting already, and is not asked for. */
async function resolve(asked: Asked, { image, launch }: CheckedSpec, base: Release, serving: string): Promise<ResolvedImage> {
  if (image === undefined && launch === undefined) return { faults: [], obstacles: [] }
  const request = { base, ...(image === undefined ? {} : { image }), ...(launch === undefined ? {} : { launch }) }
  const { resolved, problem } = await tryResolve(asked, request)
  if (resolved === undefined) return { faults: [problem], obstacles: [] }
  const obstacles = resolved.obstacles.map((found) => ({ path: 'image', found, allowed: 'an image that this fleet can launch' }))
  if (resolved.release.id === serving) {
    const found = `${formatImageRef(resolved.release.image)}, which the fleet runs already`
    obstacles.push({ path: 'image', found, allowed: 'another image, or other launch settings' })
  }
  return { resolved, faults: [], obstacles }
}

/** What a strategy may know. */
export function contextOf(fleet: Declared, snapshot: FleetSnapshot, demand: number): PlanContext {
  const router = snapshot.traffic?.facts
  return {
    demand,
    floor: fleet.resolved.floor,
    placement: fleet.placement.kind,
    drains: fleet.resolved.drain.hook !== undefined,
    updating: snapshot.groups.some((group) => activeUpdate(group) !== undefined),
    provider: snapshot.facts,
    ...(router === undefined ? {} : { router }),
  }
}

/** What this fleet cannot do, whatever is asked of it. */
export function fleetProblems({ placement, resolved }: Declared, { facts, traffic }: FleetSnapshot): Problem[] {
  const problems: Problem[] = []
  const can = { clone: facts.clone, slots: facts.slots, 'in-place': facts.inPlace }[placement.kind]
  if (!can.can)
    problems.push({ path: 'groups', found: `${placement.kind}, but ${can.why}`, allowed: can.instead ?? 'another placement' })
  const sources = facts.health.length + (traffic?.facts.health.length ?? 0) + resolved.health.probes.length
  if (sources === 0 && !resolved.health.none)
    problems.push({
      path: 'health',
      found: 'no source of health',
      allowed: 'a probe, or { none: true } if running is healthy enough',
    })
  return problems
}
