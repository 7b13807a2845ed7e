import * as v from 'valibot'
import type { Duration } from './duration.ts'
import { problemsError, type Problem } from './errors.ts'
import type { DrainPolicy, HealthPolicy } from './plan.ts'
import type { Placement, RouterLimits, TrafficRouter } from './ports.ts'
import { questionOf, questionSpec, type QuestionSpec } from './question.ts'
import { adapter, check, count, duration, name } from './schema.ts'
import type { Count } from './shape.ts'

/** A fleet as its owner declares it. */
export interface FleetSpec<
  Providers extends string = string,
  Checks extends string = string,
  Limits extends RouterLimits = RouterLimits,
> {
  /** Name of the provider, registered at `createImago`. */
  readonly provider: Providers
  /** How its instances are grouped: {@link clone}, {@link slots} or {@link inPlace}. */
  readonly groups: Placement
  /** Sends its traffic. @default - none: a fleet of workers that nobody calls */
  readonly traffic?: TrafficRouter<Limits>
  /** Healthy serving capacity that is never given up, as a share of the demand. @default '100%' */
  readonly floor?: Count
  /** Sources of health beside the group's and the router's. @default - theirs alone */
  readonly health?: HealthSpec<Checks>
  /** What an instance must do before it is removed. @default - leave its routes */
  readonly drain?: DrainSpec<Checks>
}

/** Sources of health beside the group's and the router's own. */
export interface HealthSpec<Checks extends string = string> {
  /** Asked of each instance at each look. @default - none */
  readonly probes?: readonly ProbeSpec<Checks>[]
  /** Says that there is no source of health at all: running counts as healthy. @default false */
  readonly none?: boolean
}

/** A question to each instance; the timeout is 2 s unless another is given. */
export type ProbeSpec<Checks extends string = string> = QuestionSpec<Checks> & { readonly timeout?: Duration }

/** What an instance must do before it is removed, after it was taken out of the routes. */
export interface DrainSpec<Checks extends string = string> {
  /** Posted to with an idempotency key until it answers 2xx (202: not yet); or a registered check that says true. @default - nothing */
  readonly hook?: QuestionSpec<Checks>
  /** @default '2s' */
  readonly every?: Duration
  /** For one answer. @default '5s' */
  readonly timeout?: Duration
  /** @default - what the provider says that its instances usually may take */
  readonly deadline?: Duration
  /** @default 'remove' */
  readonly onTimeout?: 'remove' | 'wait' | 'pause'
}

/** Each generation gets a group of its own, numbered after the adopted one, which runs one release. */
export function clone(options: { readonly adopt: string }): Placement {
  return { kind: 'clone', ...options }
}

/** Two groups that infrastructure code owns: imago changes image, sizes and weights only. */
export function slots(a: string, b: string): Placement {
  return { kind: 'slots', a, b }
}

/** The fleet keeps its one group, and its instances are replaced in it. `stable` says which release is stable while the group runs several. */
export function inPlace(group: string, options: { readonly stable?: string } = {}): Placement {
  return { kind: 'in-place', group, ...options }
}

/** A fleet's declaration with every default filled in but those that its provider gives. */
export interface ResolvedFleet {
  readonly floor: Count
  readonly health: HealthPolicy
  /** Without a deadline it has the provider's. */
  readonly drain: Omit<DrainPolicy, 'deadlineMs'> & Partial<Pick<DrainPolicy, 'deadlineMs'>>
}

const probe = questionSpec({ timeout: v.optional(duration, '2s') })
const hook = questionSpec({})
const placement = v.pipe(
  v.variant('kind', [
    v.strictObject({ kind: v.literal('clone'), adopt: name }),
    v.strictObject({ kind: v.literal('slots'), a: name, b: name }),
    v.strictObject({ kind: v.literal('in-place'), group: name, stable: v.optional(v.string()) }),
  ]),
  v.check((given) => given.kind !== 'slots' || given.a !== given.b, 'two slots with different names'),
)
const fleetSchema = v.strictObject({
  provider: name,
  groups: placement,
  traffic: v.optional(adapter<TrafficRouter>('setWeights', 'a router')),
  floor: v.optional(count, '100%'),
  health: v.optional(v.strictObject({ probes: v.optional(v.array(probe), []), none: v.optional(v.boolean(), false) }), {}),
  drain: v.optional(
    v.strictObject({
      hook: v.optional(hook),
      every: v.optional(duration, '2s'),
      timeout: v.optional(duration, '5s'),
      deadline: v.optional(duration),
      onTimeout: v.optional(v.picklist(['remove', 'wait', 'pause']), 'remove'),
    }),
    {},
  ),
})

/**
 * Checks a declaration and fills in its defaults.
 *
 * @param providers names of those that are registered.
 * @throws RolloutError `spec-invalid` with every problem.
 */
export function resolveFleet(fleet: string, spec: FleetSpec, providers: readonly string[]): ResolvedFleet {
  const { value, problems } = check(fleetSchema, spec, '')
  const faults = [...(fleet === '' ? [NAMELESS] : []), ...problems, ...unregistered(spec, providers)]
  if (value === undefined || faults.length > 0)
    throw problemsError('spec-invalid', `The fleet ${fleet} is not declared as it should be`, faults)
  const { hook: asked, every, timeout, deadline, onTimeout } = value.drain
  return {
    floor: value.floor,
    health: {
      none: value.health.none,
      probes: value.health.probes.map((one) => ({ ...questionOf(one), timeoutMs: one.timeout })),
    },
    drain: {
      ...(asked === undefined ? {} : { hook: questionOf(asked) }),
      everyMs: every,
      timeoutMs: timeout,
      ...(deadline === undefined ? {} : { deadlineMs: deadline }),
      onTimeout,
    },
  }
}

const NAMELESS: Problem = { path: 'name', found: '""', allowed: 'a name' }

/** What is no name at all is the schema's to say. */
function unregistered(spec: FleetSpec | undefined, providers: readonly string[]): Problem[] {
  const { provider } = spec ?? {}
  if (typeof provider !== 'string' || provider === '' || providers.includes(provider)) return []
  return [{ path: 'provider', found: JSON.stringify(provider), allowed: providers.join(', ') }]
}
