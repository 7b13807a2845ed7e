import * as v from 'valibot'
import type { MetricQuery, Sample } from '../core/metric-source.ts'

const number = v.pipe(v.number(), v.finite())
const sample = v.object({ at: number, value: number })
const answer = v.nullish(
  v.union([number, v.array(sample), v.object({ value: v.nullable(number) }), v.object({ samples: v.array(sample) })]),
)

/**
 * Samples of the window, of an answer that is a number, samples, or nothing; each also as the `value` or the `samples` of an
 * object. A number alone is one of the moment of asking. `undefined` for an answer that is none of these.
 */
export function samplesOf(given: unknown, { from, until }: Pick<MetricQuery, 'from' | 'until'>): readonly Sample[] | undefined {
  const { success, output } = v.safeParse(answer, given)
  if (!success) return undefined
  const told = output !== null && typeof output === 'object' && 'value' in output ? output.value : output
  if (told === null || told === undefined) return []
  if (typeof told === 'number') return [{ at: until, value: told }]
  const samples = 'samples' in told ? told.samples : told
  return samples.filter(({ at }) => at >= from && at <= until)
}
