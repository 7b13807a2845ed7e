import * as v from 'valibot'
import type { Duration } from '../core/duration.ts'
import type { Problem } from '../core/errors.ts'
import type { ImageAlias, ImageRef } from '../core/image.ts'
import { isObject, type JsonObject } from '../core/json.ts'
import { PLAN_EXPIRES_MS } from '../core/make-plan.ts'
import { check, duration, name } from '../core/schema.ts'
import type { Strategy } from '../strategies/strategy.ts'

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

const schema = v.strictObject({
  image: v.optional(v.custom<string | ImageRef | ImageAlias>(namesImage, 'an id, an image reference, or an alias')),
  launch: v.optional(v.custom<JsonObject>(isObject, 'an object of launch settings')),
  strategy: v.custom<Strategy>(isStrategy, 'a strategy, such as canary({ weights: [5, 50] })'),
  expires: v.optional(duration, PLAN_EXPIRES_MS),
  takeOver: v.optional(name),
})

/** A spec as far as it can be used, and all that is wrong with it. */
export interface CheckedSpec {
  readonly image: string | ImageRef | ImageAlias | undefined
  readonly launch: JsonObject | undefined
  readonly strategy: Strategy | undefined
  readonly expiresMs: number
  readonly takeOver: string | undefined
  readonly problems: readonly Problem[]
}

/** Checks a spec by itself; the parts of it that are well formed can be checked further. */
export function checkSpec(given: unknown): CheckedSpec {
  const spec: Readonly<Record<string, unknown>> = isObject(given) ? given : {}
  const { value, problems } = check(schema, isObject(given) ? { strategy: undefined, ...given } : given, '')
  const faults = [...problems]
  if (isObject(given) && spec['image'] === undefined && spec['launch'] === undefined)
    faults.push({ path: 'image', found: 'neither an image nor launch settings', allowed: 'at least one of them' })
  return {
    image: namesImage(spec['image']) ? spec['image'] : undefined,
    launch: isObject(spec['launch']) ? (spec['launch'] as JsonObject) : undefined,
    strategy: isStrategy(spec['strategy']) ? spec['strategy'] : undefined,
    expiresMs: value?.expires ?? PLAN_EXPIRES_MS,
    takeOver: value?.takeOver,
    problems: faults,
  }
}

function namesImage(value: unknown): value is string | ImageRef | ImageAlias {
  if (!isObject(value)) return typeof value === 'string' && value.trim() !== ''
  const { scheme, id, alias, kind } = value
  return (typeof scheme === 'string' && typeof id === 'string') || (typeof alias === 'string' && typeof kind === 'string')
}

function isStrategy(value: unknown): value is Strategy {
  return isObject(value) && typeof value['plan'] === 'function' && typeof value['problems'] === 'function'
}
