import { createHash } from 'node:crypto'
import * as v from 'valibot'
import { parseDuration, type Duration } from '../../../src/core/duration.ts'
import { problemsError, type Problem } from '../../../src/core/errors.ts'
import { canonical, merged, type JsonObject } from '../../../src/core/json.ts'

/** How instances of a group are started, watched and stopped, as people write it. */
export interface LaunchOptions {
  /** The program and its arguments, run in the image's folder: `['node', 'server.mjs']`, `['./bin/server']`. */
  readonly command: readonly string[]
  /** All of the environment, beside PATH, PORT, INSTANCE_ID, TMPDIR. Kept in an owner-only file, never in a journal. @default - nothing more */
  readonly env?: Readonly<Record<string, string>>
  /** Instances get ports from here upwards. @default - free ports below those the system gives to clients */
  readonly port?: number
  /** @default - healthy once it ran for a second */
  readonly health?: HealthOptions
  /** @default - five seconds */
  readonly stop?: {
    /** Milliseconds for requests to end, and again from SIGTERM to SIGKILL. @default 5000 */
    readonly graceMs?: number
  }
}

/** How an instance's health is found out. */
export interface HealthOptions {
  /** Answered by 2xx when the instance is healthy. @default - an instance is healthy once it ran for a second */
  readonly path?: string
  /** @default '1s' */
  readonly interval?: Duration
  /** @default '1s' */
  readonly timeout?: Duration
  /** Good answers in a row that make it healthy. @default 2 */
  readonly healthyThreshold?: number
  /** Bad answers in a row that make it unhealthy. @default 3 */
  readonly unhealthyThreshold?: number
  /** How long it may take to its first healthy state. @default '30s' */
  readonly startup?: Duration
}

/** Launch settings, checked and with every default filled in: what a template holds and its digest names. */
export type LaunchSettings = v.InferOutput<typeof schema>

const duration = (fallback: Duration) =>
  v.pipe(
    v.optional(
      v.custom<Duration>((value) => parseDuration(value) !== undefined, "a duration such as '500ms' or '10s'"),
      fallback,
    ),
    v.transform((value) => parseDuration(value) ?? 0),
  )
const count = (fallback: number) => v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), fallback)
const healthSchema = v.pipe(
  v.strictObject({
    path: v.exactOptional(v.pipe(v.string(), v.startsWith('/'))),
    interval: duration('1s'),
    timeout: duration('1s'),
    healthyThreshold: count(2),
    unhealthyThreshold: count(3),
    startup: duration('30s'),
  }),
  v.transform(({ interval, timeout, startup, ...rest }) => ({
    ...rest,
    intervalMs: Math.max(interval, 20),
    timeoutMs: timeout,
    startupMs: startup,
  })),
)
const schema = v.strictObject({
  command: v.pipe(v.array(v.pipe(v.string(), v.nonEmpty())), v.minLength(1, 'at least the program')),
  env: v.optional(v.record(v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a variable name')), v.string()), {}),
  port: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535))),
  health: v.optional(healthSchema, {}),
  stop: v.optional(v.strictObject({ graceMs: v.optional(v.pipe(v.number(), v.minValue(0)), 5_000) }), {}),
})

/** Checks launch settings and fills in the defaults. @throws RolloutError `spec-invalid` with every problem; values are not repeated in it. */
export function parseLaunch(value: unknown): LaunchSettings {
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  throw problemsError('spec-invalid', 'These launch settings cannot be used', result.issues.map(problemOf))
}

/** Settings with changes laid over them: objects are merged, `null` takes a setting away, anything else replaces it. */
export function changeLaunch(base: LaunchSettings, changes: JsonObject): LaunchSettings {
  const { intervalMs: interval, timeoutMs: timeout, startupMs: startup, ...health } = base.health
  return parseLaunch(merged({ ...base, health: { ...health, interval, timeout, startup } }, changes))
}

/** Whether settings are as {@link parseLaunch} makes them. */
export function isWhole(settings: LaunchSettings): boolean {
  try {
    return launchDigest(changeLaunch(settings, {})) === launchDigest(settings)
  } catch {
    return false
  }
}

/** The digest that names launch settings. */
export function launchDigest(settings: LaunchSettings): string {
  return `sha256-${createHash('sha256').update(canonical(settings)).digest('hex')}`
}

/** The kind of what was found is told, not the value: an environment may hold secrets. */
function problemOf(issue: v.BaseIssue<unknown>): Problem {
  const path = `launch.${v.getDotPath(issue) ?? ''}`
  const found = issue.expected === 'never' ? 'a setting that does not exist' : kindOf(issue.input)
  return { path, found, allowed: issue.kind === 'schema' ? (issue.expected ?? issue.message) : issue.message }
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return `a list of ${value.length}`
  return value === null ? 'null' : `a ${typeof value}`
}
