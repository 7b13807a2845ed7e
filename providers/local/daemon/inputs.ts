import * as v from 'valibot'
import { callFailed } from '../../../src/core/errors.ts'
import type { Json } from '../../../src/core/json.ts'
import type { CallName, Input } from '../protocol.ts'
import { NAME, NAME_FORM } from './groups.ts'

/** More than any of these can be: names, ids, owners. */
const LONGEST_TEXT = 1_000
const MOST_INSTANCES = 1_000_000
const DIGEST = 'sha256- and 64 hex digits'
const WHOLE = `a whole number from 0 to ${MOST_INSTANCES}`

/** Names are keys of plain objects, where `constructor` and its like always are. */
const ordinary = v.check<string, string>((value) => !(value in Object.prototype), 'a name that JavaScript does not use itself')
const text = v.pipe(v.string(), v.nonEmpty('a text'), v.maxLength(LONGEST_TEXT, `at most ${LONGEST_TEXT} characters`), ordinary)
const name = v.pipe(v.string(), v.regex(NAME, NAME_FORM), ordinary)
const digest = v.pipe(v.string(), v.regex(/^sha256-[0-9a-f]{64}$/, DIGEST))
const count = v.pipe(v.number(), v.integer(WHOLE), v.minValue(0, WHOLE), v.maxValue(MOST_INSTANCES, WHOLE))
const moment = v.pipe(v.number(), v.finite('a moment in milliseconds'))
const json = v.custom<Json>((value) => value !== undefined, 'settings, or null')
const names = v.array(text)
const sizes = v.record(text, count)
const weights = v.record(text, v.number())
const release = v.object({
  id: text,
  image: v.object({ scheme: v.literal('local'), id: digest }),
  launch: digest,
  template: v.exactOptional(text),
})
const stable = v.exactOptional(text)
const placement = v.variant('kind', [
  v.object({ kind: v.literal('clone'), adopt: text, stable }),
  v.object({ kind: v.literal('slots'), a: text, b: text }),
  v.object({ kind: v.literal('in-place'), group: text, stable }),
])
const target = v.object({ name: text, placement, id: v.exactOptional(text), handles: names })
const holdKind = v.picklist(['claim', 'scale-in'])
const hold = v.object({
  kind: holdKind,
  owner: text,
  epoch: count,
  expiresAt: moment,
  store: text,
  previousMin: v.exactOptional(count),
})
const request = v.object({
  group: name,
  release,
  sealed: json,
  like: text,
  size: count,
  binding: v.exactOptional(name),
  rolloutId: text,
})
const nothing = v.pipe(
  v.object({}),
  v.transform((): Record<string, never> => ({})),
)
const route = { service: text, binding: name }

const inputs: { readonly [Name in CallName]: v.GenericSchema<unknown, Input<Name>> } = {
  'fleet.describe': v.object({ target }),
  'fleet.ensure-group': v.object({ target, request }),
  'fleet.resize': v.object({ target, group: text, sizes, version: v.nullable(text) }),
  'fleet.remove': v.object({ target, group: text, instances: names, sizesAfter: sizes }),
  'fleet.hold': v.object({ target, group: text, hold, min: v.nullable(count) }),
  'fleet.release': v.object({ target, group: text, kind: holdKind, owner: text }),
  'fleet.retire': v.object({ target, group: text }),
  'route.look': v.object({ service: text }),
  'route.prepare': v.object(route),
  'route.join': v.object({ ...route, group: text }),
  'route.weights': v.object({ service: text, expected: weights, wanted: weights }),
  'route.leave': v.object({ ...route, group: text, instances: v.union([v.literal('all'), names]) }),
  'route.release': v.object(route),
  'group.list': nothing,
  'group.create': v.object({ name, release, sealed: json, size: count, min: count, max: count, zones: names }),
  'group.resize': v.object({ name: text, size: count }),
  'group.delete': v.object({ name: text }),
  'service.create': v.object({ name, host: text, port: v.pipe(count, v.maxValue(65_535, 'a port up to 65535')), group: text }),
  'service.delete': v.object({ name: text }),
  'metrics.read': v.object({ group: text, binding: v.nullable(text), from: moment, until: moment }),
  'cloud.shutdown': nothing,
}

/** What a call was given, checked: a client may be another version's, or no client of ours. @throws RolloutError `call-failed` of class `invalid`. */
export function parseInput<Name extends CallName>(call: Name, given: unknown): Input<Name> {
  const result = v.safeParse(inputs[call], given)
  if (result.success) return result.output
  const problems = result.issues.map((issue) => {
    const path = v.getDotPath(issue) ?? 'its input'
    return `${path}: allowed is ${issue.kind === 'schema' ? (issue.expected ?? issue.message) : issue.message}`
  })
  throw callFailed('invalid', call, `${call} cannot be carried out; ${problems.join('; ')}.`)
}
