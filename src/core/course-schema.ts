import * as v from 'valibot'
import { questionSchema } from './question.ts'
import { count } from './schema.ts'

const name = v.pipe(v.string('a name'), v.minLength(1, 'a name'))
const ms = v.pipe(v.number('milliseconds from 0'), v.finite('milliseconds from 0'), v.minValue(0, 'milliseconds from 0'))
const whole = v.pipe(
  v.number('a whole number from 0'),
  v.integer('a whole number from 0'),
  v.minValue(0, 'a whole number from 0'),
)
const share = v.pipe(v.number('a share from 0 to 1'), v.minValue(0, 'a share from 0 to 1'), v.maxValue(1, 'a share from 0 to 1'))
const percent = v.pipe(v.number('percent, 0 to 100'), v.minValue(0, 'percent, 0 to 100'), v.maxValue(100, 'percent, 0 to 100'))
const role = v.picklist(['stable', 'candidate', 'baseline'])
const consequence = v.picklist(['rollback', 'pause', 'abort', 'proceed'])
const orWait = v.picklist(['wait', 'rollback', 'pause', 'abort', 'proceed'])

const metric = v.strictObject({
  source: name,
  query: name,
  of: role,
  must: v.strictObject({ op: v.picklist(['<', '<=', '>', '>=']), value: v.number('a number') }),
  inconclusiveUntil: v.optional(v.number('a number')),
})
const gate = v.variant('kind', [
  v.strictObject({ id: name, kind: v.literal('healthy'), forMs: ms }),
  v.strictObject({ id: name, kind: v.literal('soak'), forMs: ms }),
  v.strictObject({ id: name, kind: v.literal('bake'), forMs: ms }),
  v.strictObject({
    id: name,
    kind: v.literal('verify'),
    question: questionSchema,
    of: role,
    everyMs: ms,
    timeoutMs: ms,
    deadlineMs: ms,
    then: consequence,
  }),
  v.strictObject({ id: name, kind: v.literal('approval'), expiresMs: ms, then: consequence }),
  v.strictObject({
    id: name,
    kind: v.literal('analysis'),
    metrics: v.pipe(v.array(metric), v.minLength(1, 'at least one metric')),
    everyMs: ms,
    count: whole,
    failureLimit: whole,
    windowMs: ms,
    timeoutMs: ms,
    deadlineMs: ms,
    policy: v.strictObject({ fail: consequence, inconclusive: orWait, noData: orWait, error: orWait }),
  }),
])
const size = v.variant('kind', [
  v.strictObject({ kind: v.literal('at-least'), share }),
  v.strictObject({ kind: v.literal('exactly'), share }),
  v.strictObject({ kind: v.literal('count'), count: whole }),
  v.strictObject({ kind: v.literal('rest') }),
])
const generation = v.optional(v.strictObject({ size, state: v.picklist(['serving', 'warm', 'retired']) }))
const weight = v.optional(percent)
const waypoint = v.strictObject({
  id: name,
  title: v.string('a few words'),
  shape: v.strictObject({
    generations: v.strictObject({ stable: generation, candidate: generation, baseline: generation }),
    routing: v.variant('by', [
      v.strictObject({
        by: v.literal('weights'),
        weights: v.strictObject({ stable: weight, candidate: weight, baseline: weight }),
      }),
      v.strictObject({ by: v.literal('count') }),
    ]),
  }),
  budget: v.strictObject({ maxSurge: v.union([v.literal('unbounded'), count]), maxUnavailable: count, soakMs: ms }),
  gates: v.array(gate),
  progressDeadlineMs: ms,
  onDeadline: v.picklist(['rollback', 'pause', 'abort']),
  failureLimit: whole,
  reversible: v.picklist(['free', 'regrow', 'rebuild', 'closed']),
  agency: v.picklist(['engine', 'native']),
})

/** The form of a course's lists; what they mean together is judged once they have it. */
export const courseEntries = {
  waypoints: v.pipe(v.array(waypoint), v.minLength(1, 'at least one waypoint')),
  back: v.pipe(v.array(waypoint), v.minLength(1, 'at least one waypoint')),
  notes: v.array(v.string('a sentence')),
}
