import * as v from 'valibot'
import { parseDuration, type Duration } from './duration.ts'
import type { Problem } from './errors.ts'
import type { Count } from './shape.ts'

/** What a duration may look like, for people. */
export const DURATION = "'250ms', '30s', '10m', '2h', '1d' or milliseconds"

const time = (fits: (ms: number) => boolean, what: string) =>
  v.pipe(
    v.custom<Duration>((value) => {
      const ms = parseDuration(value)
      return ms !== undefined && fits(ms)
    }, what),
    v.transform((value) => parseDuration(value) ?? 0),
  )

/** A duration as people write it, in milliseconds afterwards. */
export const duration = time(() => true, DURATION)

/** How often something is done: no time at all would never let anything else be done. */
export const interval = time((ms) => ms > 0, `more than no time: ${DURATION}`)

/** A number of instances, or a percentage of the demand. */
export const count = v.custom<Count>(
  (value) =>
    (typeof value === 'number' && Number.isInteger(value) && value >= 0) ||
    (typeof value === 'string' && /^\d{1,3}%$/.test(value)),
  "a whole number from 0, or a percentage such as '25%'",
)

/** A name under which something was registered. */
export const name = v.pipe(v.string('a name'), v.minLength(1, 'a name'))

/** Something that stands behind a port, known by one of the port's methods. */
export function adapter<Port>(method: string, what: string) {
  return v.custom<Port>((value) => {
    if (typeof value !== 'object' || value === null) return false
    const { contract, [method]: call } = value as Record<string, unknown>
    return contract === 1 && typeof call === 'function'
  }, `${what} of contract 1`)
}

/** A text of this form. */
export function text(form: RegExp, what: string) {
  return v.pipe(v.string(what), v.regex(form, what))
}

/** An address. */
export const urlText = v.pipe(v.string('a URL'), v.url('a URL'))

/** Something of somebody else's, known by its methods. */
export function having<Thing>(what: string, ...methods: readonly string[]) {
  return v.custom<Thing>(
    (value) => methods.every((method) => typeof (value as Record<string, unknown> | null | undefined)?.[method] === 'function'),
    what,
  )
}

/** What a schema makes of an input, or all that is wrong with it. */
export type Checked<T> =
  { readonly value: T; readonly problems: readonly [] } | { readonly value?: undefined; readonly problems: readonly Problem[] }

/** Runs a schema over an input and names every problem with its path below `at`. */
export function check<S extends v.GenericSchema>(schema: S, input: unknown, at: string): Checked<v.InferOutput<S>> {
  const result = v.safeParse(schema, input)
  if (result.success) return { value: result.output, problems: [] }
  return { problems: result.issues.map((issue) => problem(issue, at)) }
}

function problem(issue: v.BaseIssue<unknown>, at: string): Problem {
  let path = at
  for (const part of issue.path ?? [])
    path += typeof part.key === 'number' ? `[${part.key}]` : `${path === '' ? '' : '.'}${String(part.key)}`
  return { path, found: found(issue), allowed: allowed(issue) }
}

function found(issue: v.BaseIssue<unknown>): string {
  const { input } = issue
  if (unknownKey(issue)) return 'a key that is not known'
  if (input === undefined) return 'nothing'
  if (typeof input === 'number') return String(input)
  if (Array.isArray(input)) return `a list of ${input.length}`
  if (typeof input === 'object' && input !== null) return 'an object'
  return typeof input === 'function' ? 'a function' : JSON.stringify(input)
}

/** Our own messages say what is allowed; where there is none, the schema's expectation does. */
function allowed(issue: v.BaseIssue<unknown>): string {
  if (unknownKey(issue)) return 'nothing here'
  if (issue.type === 'strict_object') return issue.path === undefined ? 'an object' : 'a value, for there is no default'
  if (!issue.message.startsWith('Invalid ')) return issue.message
  return (issue.expected ?? issue.message).replace(/^\(|\)$/g, '').replaceAll(' | ', ', ')
}

function unknownKey(issue: v.BaseIssue<unknown>): boolean {
  return issue.type === 'strict_object' && issue.expected === 'never'
}
