import { findStable } from '../core/adoption.ts'
import { parseDuration, type Duration } from '../core/duration.ts'
import { problemsError, rolloutError, type Problem } from '../core/errors.ts'
import { formatImageRef, type ImageAlias, type ImageRef } from '../core/image.ts'
import type { JsonObject } from '../core/json.ts'
import { makePlan, PLAN_EXPIRES_MS } from '../core/make-plan.ts'
import type { Plan } from '../core/plan.ts'
import { planTable } from '../core/plan-table.ts'
import type { ResolvedRelease } from '../core/ports.ts'
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
  const found = findStable(fleet.name, fleet.placement, snapshot, runtime.store.id, snapshot.beganAt)
  const context = contextOf(fleet, snapshot, found.group.sizes[found.stable.release.id] ?? 0)
  const problems = [...specProblems(runtime, spec), ...spec.strategy.problems(context)]
  if (problems.length > 0) throw problemsError('spec-invalid', `The rollout of ${fleet.name} cannot be planned`, problems)
  const obstacles = fleetProblems(fleet, snapshot)
  if (obstacles.length > 0) throw problemsError('unsupported', `The fleet ${fleet.name} cannot be rolled that way`, obstacles)
  const asked = { runtime, registry, fleet, id: snapshot.fleet, signal }
  const resolved = await resolve(asked, spec, base ?? found.stable.release, found.stable.release.id)
  const { groups: usedGroups } = await headOf(runtime, snapshot.fleet)
  const { name, version, options } = spec.strategy
  return printable(
    makePlan({
      name: fleet.name,
      providerName: fleet.provider,
      store: runtime.store.id,
      placement: fleet.placement,
      fleet: fleet.resolved,
      snapshot,
      found,
      usedGroups,
      resolved,
      strategy: { name, version, options },
      course: spec.strategy.plan(context),
      now: snapshot.beganAt,
      expiresMs: spec.expires === undefined ? PLAN_EXPIRES_MS : (parseDuration(spec.expires) ?? PLAN_EXPIRES_MS),
      digest: shortDigest,
    }),
  )
}

/** A plan whose text is its table; as JSON it is the plan and nothing else. */
export function printable(plan: Plan): Plan {
  return Object.defineProperty({ ...plan }, 'toString', { value: () => planTable(plan), enumerable: false })
}

interface Asked {
  readonly runtime: Runtime
  readonly registry: Registry
  readonly fleet: Declared
  readonly id: string
  readonly signal: AbortSignal | undefined
}

async function resolve(
  { runtime, registry, fleet, id, signal }: Asked,
  spec: RolloutSpec,
  base: Release,
  serving: string,
): Promise<ResolvedRelease> {
  const { image, launch } = spec
  const request = { base, ...(image === undefined ? {} : { image }), ...(launch === undefined ? {} : { launch }) }
  const provider = registry.providerOf(fleet)
  const resolved = await bounded(runtime.system.clock, LOOK_DEADLINE_MS, signal, 'resolve', (within) =>
    runtime.caller.call('provider', 'resolve', 3, () =>
      provider.resolve(registry.target(fleet, id), request, { signal: within, token: '' }),
    ),
  )
  const problems: Problem[] = resolved.obstacles.map((why) => ({
    path: 'image',
    found: why,
    allowed: 'an image that this fleet can launch',
  }))
  if (resolved.release.id === serving) {
    const found = `${formatImageRef(resolved.release.image)}, which the fleet runs already`
    problems.push({ path: 'image', found, allowed: 'another image, or other launch settings' })
  }
  if (problems.length > 0) throw problemsError('unsupported', `The image cannot be rolled out to ${fleet.name}`, problems)
  return resolved
}

function contextOf(fleet: Declared, snapshot: FleetSnapshot, demand: number): PlanContext {
  const router = snapshot.traffic?.facts
  return {
    demand,
    floor: fleet.resolved.floor,
    placement: fleet.placement.kind,
    provider: snapshot.facts,
    ...(router === undefined ? {} : { router }),
  }
}

/** What the spec names must be registered in this process. */
function specProblems(runtime: Runtime, spec: RolloutSpec): Problem[] {
  const problems: Problem[] = []
  if (spec.expires !== undefined && parseDuration(spec.expires) === undefined)
    problems.push({ path: 'expires', found: JSON.stringify(spec.expires), allowed: "a duration such as '2h'" })
  if (spec.image === undefined && spec.launch === undefined)
    problems.push({ path: '', found: 'neither image nor launch', allowed: 'at least one of them' })
  for (const key of Object.keys(spec))
    if (!['image', 'launch', 'strategy', 'expires'].includes(key))
      problems.push({ path: key, found: 'a key that is not known', allowed: 'image, launch, strategy, expires' })
  spec.strategy.checks.forEach((name, index) => missing(`strategy.verify[${index}]`, name, runtime.checks, problems))
  spec.strategy.sources.forEach((name, index) =>
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
