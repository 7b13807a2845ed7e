import { findStable, type Contact } from '../core/adoption.ts'
import { parseDuration, type Duration } from '../core/duration.ts'
import { problemsError, rolloutError, type Problem } from '../core/errors.ts'
import { formatImageRef, type ImageAlias, type ImageRef } from '../core/image.ts'
import type { JsonObject } from '../core/json.ts'
import { makePlan, PLAN_EXPIRES_MS, type PlanParts } from '../core/make-plan.ts'
import type { Plan } from '../core/plan.ts'
import { planTable } from '../core/plan-table.ts'
import type { ReleaseRequest, ResolvedRelease } from '../core/ports.ts'
import type { FleetSnapshot, Release } from '../core/snapshot.ts'
import type { PlanContext, Strategy } from '../strategies/strategy.ts'
import { bounded, LOOK_DEADLINE_MS } from './deadline.ts'
import { shortDigest } from './digest.ts'
import { headOf } from './heads.ts'
import { idOfName, refuseOther } from './names.ts'
import type { Declared, Registry } from './registry.ts'
import type { Runtime } from './runtime.ts'
import { takeLook } from './take-look.ts'

/** What shall be rolled out, and how. */
export interface RolloutSpec<S extends Strategy = Strategy> {
  /** An image, a bare id that the provider understands, or a mutable name that is resolved once. @default - the present image */
  readonly image?: string | ImageRef | ImageAlias
  /** Launch settings to change. @default - as they are */
  readonly launch?: JsonObject
  readonly strategy: S
  /** How long the plan may be started. @default '1d' */
  readonly expires?: Duration
  /** The rollout whose claim is taken over, because its store is no more. @default - a claim of another store is respected */
  readonly takeOver?: string
}

/** How a plan is made. */
export interface PlanOptions {
  /** Let go of what is under way. @default - wait for it */
  readonly signal?: AbortSignal | undefined
  /** The release whose settings the new one starts from. @default - the one that serves now */
  readonly base?: Release
}

/** Looks at a fleet as it is now. @throws RolloutError `call-failed`, `name-taken`. */
export async function lookNow(
  runtime: Runtime,
  registry: Registry,
  fleet: Declared,
  signal?: AbortSignal,
): Promise<FleetSnapshot> {
  const known = await idOfName(runtime, fleet.name)
  const watched = {
    target: registry.target(fleet, known),
    provider: registry.providerOf(fleet),
    router: fleet.router,
    probes: fleet.resolved.health.probes,
  }
  const now = await runtime.caller.call('store', 'now', 3, () => runtime.store.now())
  const snapshot = await takeLook(runtime, watched, now, NO_HANDLES, signal)
  refuseOther(fleet.name, snapshot.fleet, known)
  return snapshot
}

const NO_HANDLES: ReadonlyMap<string, string> = new Map()

/**
 * Makes a plan: reads only.
 *
 * @throws RolloutError `spec-invalid` or `unsupported` with every problem, `adoption-refused`, `call-failed`.
 */
export async function planRollout(
  runtime: Runtime,
  registry: Registry,
  fleet: Declared,
  spec: RolloutSpec,
  { signal, base }: PlanOptions = {},
): Promise<Plan> {
  const snapshot = await lookNow(runtime, registry, fleet, signal)
  const found = findStable(contactOf(runtime, fleet, snapshot, spec.takeOver))
  const context = contextOf(fleet, snapshot, found.group.sizes[found.stable.release.id] ?? 0)
  refuse(fleet, snapshot, [...specProblems(spec), ...strategyProblems(runtime, spec.strategy, context)])
  const asked = { runtime, registry, fleet, id: snapshot.fleet, signal }
  const request = { ...spec, base: base ?? found.stable.release }
  const resolved = await resolve(asked, request, found.stable.release.id)
  const { groups: usedGroups } = await headOf(runtime, snapshot.fleet)
  const parts = partsOf(runtime, fleet, snapshot, spec.strategy, context)
  const expiresMs = spec.expires === undefined ? PLAN_EXPIRES_MS : (parseDuration(spec.expires) ?? PLAN_EXPIRES_MS)
  return printable(makePlan({ ...parts, found, usedGroups, resolved, expiresMs, takesOver: spec.takeOver }))
}

/** A fleet as it is met. */
export function contactOf(runtime: Runtime, fleet: Declared, snapshot: FleetSnapshot, takeOver: string | undefined): Contact {
  return { fleet: fleet.name, placement: fleet.placement, snapshot, store: runtime.store.id, takeOver }
}

/** What every plan of a fleet is made of. */
export function partsOf(
  runtime: Runtime,
  fleet: Declared,
  snapshot: FleetSnapshot,
  strategy: Strategy,
  context: PlanContext,
): Omit<PlanParts, 'found' | 'usedGroups' | 'resolved'> {
  const { name, version, options } = strategy
  return {
    name: fleet.name,
    providerName: fleet.provider,
    store: runtime.store.id,
    placement: fleet.placement,
    fleet: fleet.resolved,
    snapshot,
    strategy: { name, version, options },
    course: strategy.plan(context),
    now: snapshot.beganAt,
    expiresMs: PLAN_EXPIRES_MS,
    digest: shortDigest,
  }
}

/** @throws RolloutError `spec-invalid` for what was asked, `unsupported` for what the fleet cannot do, each with every problem. */
export function refuse(fleet: Declared, snapshot: FleetSnapshot, problems: readonly Problem[]): void {
  if (problems.length > 0) throw problemsError('spec-invalid', `The rollout of ${fleet.name} cannot be planned`, problems)
  const obstacles = fleetProblems(fleet, snapshot)
  if (obstacles.length > 0) throw problemsError('unsupported', `The fleet ${fleet.name} cannot be rolled that way`, obstacles)
}

/** A plan whose text is its table; as JSON it is the plan and nothing else. */
export function printable(plan: Plan): Plan {
  return Object.defineProperty({ ...plan }, 'toString', { value: () => planTable(plan), enumerable: false })
}

/** Whom a resolution is asked of. */
export interface Asked {
  readonly runtime: Runtime
  readonly registry: Registry
  readonly fleet: Declared
  readonly id: string
  readonly signal: AbortSignal | undefined
}

/** @throws RolloutError `unsupported` when the image cannot be launched, or is what serves already. */
async function resolve(asked: Asked, { base, image, launch }: ReleaseRequest, serving: string): Promise<ResolvedRelease> {
  const request = { base, ...(image === undefined ? {} : { image }), ...(launch === undefined ? {} : { launch }) }
  const resolved = await resolveNow(asked, request)
  const problems: Problem[] = resolved.obstacles.map((why) => ({
    path: 'image',
    found: why,
    allowed: 'an image that this fleet can launch',
  }))
  if (resolved.release.id === serving) {
    const found = `${formatImageRef(resolved.release.image)}, which the fleet runs already`
    problems.push({ path: 'image', found, allowed: 'another image, or other launch settings' })
  }
  if (problems.length > 0) throw problemsError('unsupported', `The image cannot be rolled out to ${asked.fleet.name}`, problems)
  return resolved
}

/** What a request comes to, and what stands against launching it. */
export async function resolveNow(asked: Asked, request: ReleaseRequest): Promise<ResolvedRelease> {
  const { runtime, registry, fleet, id, signal } = asked
  return await bounded(runtime.system.clock, LOOK_DEADLINE_MS, signal, 'resolve', (within) =>
    runtime.caller.call(
      'provider',
      'resolve',
      3,
      () => registry.providerOf(fleet).resolve(registry.target(fleet, id), request, { signal: within, token: '' }),
      within,
    ),
  )
}

/** What a strategy may know. */
export function contextOf(fleet: Declared, snapshot: FleetSnapshot, demand: number): PlanContext {
  const router = snapshot.traffic?.facts
  return {
    demand,
    floor: fleet.resolved.floor,
    placement: fleet.placement.kind,
    provider: snapshot.facts,
    ...(router === undefined ? {} : { router }),
  }
}

function specProblems(spec: RolloutSpec): Problem[] {
  const problems: Problem[] = []
  if (spec.expires !== undefined && parseDuration(spec.expires) === undefined)
    problems.push({ path: 'expires', found: JSON.stringify(spec.expires), allowed: "a duration such as '2h'" })
  if (spec.image === undefined && spec.launch === undefined)
    problems.push({ path: '', found: 'neither image nor launch', allowed: 'at least one of them' })
  for (const key of Object.keys(spec))
    if (!KEYS.includes(key)) problems.push({ path: key, found: 'a key that is not known', allowed: KEYS.join(', ') })
  return problems
}

const KEYS: readonly string[] = ['image', 'launch', 'strategy', 'expires', 'takeOver']

/** What a strategy finds wrong, and what it names that is not registered in this process. */
export function strategyProblems(runtime: Runtime, strategy: Strategy, context: PlanContext): Problem[] {
  const problems: Problem[] = [...strategy.problems(context)]
  strategy.checks.forEach((name, index) => missing(`strategy.verify[${index}]`, name, runtime.checks, problems))
  strategy.sources.forEach((name, index) =>
    missing(`strategy.analysis.metrics[${index}].source`, name, runtime.metrics, problems),
  )
  return problems
}

function missing(path: string, name: string, known: Readonly<Record<string, unknown>>, problems: Problem[]): void {
  if (!Object.hasOwn(known, name))
    problems.push({ path, found: JSON.stringify(name), allowed: Object.keys(known).join(', ') || 'none is registered' })
}

function fleetProblems({ placement, resolved }: Declared, { facts, traffic }: FleetSnapshot): Problem[] {
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

/** A plan given as JSON, or as the value that was made. @throws RolloutError `spec-invalid`. */
export function readPlan(given: Plan | string): Plan {
  try {
    const plan = (typeof given === 'string' ? JSON.parse(given) : given) as Plan
    if (plan.v === 1 && Array.isArray(plan.waypoints) && Array.isArray(plan.back)) return plan
  } catch (error) {
    throw rolloutError(
      'spec-invalid',
      'The plan is not JSON; nothing was touched.',
      { problems: [{ path: '', found: 'text that is no JSON', allowed: 'a plan' }] },
      error,
    )
  }
  throw problemsError('spec-invalid', 'This is not a plan of this version', [
    { path: 'v', found: 'another form', allowed: 'a plan made by fleet.plan' },
  ])
}
