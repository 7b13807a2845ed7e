import type { MetricCheck, Verdict } from './plan.ts'
import type { Sample } from './metric-source.ts'
import type { At } from './snapshot.ts'

const FROM_BAD_TO_GOOD: readonly Verdict[] = ['fail', 'error', 'no-data', 'inconclusive', 'pass']

/** The worst of several verdicts; of none, `no-data`. A proven failure weighs more than what could not be measured. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  return FROM_BAD_TO_GOOD.find((one) => verdicts.includes(one)) ?? 'no-data'
}

/**
 * Judges the newest sample of a window that begins at `from`: what is older says nothing about now. An empty window is
 * `no-data`, a number that is none is `error`.
 *
 * The seam for statistics: whatever replaces this still gives one {@link Verdict} for one window.
 */
export function judgeSamples(
  check: MetricCheck,
  samples: readonly Sample[],
  from: At,
): { verdict: Verdict; value?: number; detail?: string } {
  let newest: Sample | undefined
  for (const sample of samples) if (sample.at >= from && (newest === undefined || sample.at >= newest.at)) newest = sample
  if (newest === undefined) return { verdict: 'no-data' }
  const { value } = newest
  if (!Number.isFinite(value)) return { verdict: 'error', detail: `the source answered ${value}` }
  const { op } = check.must
  if (holds(value, op, check.must.value)) return { verdict: 'pass', value }
  const near = check.inconclusiveUntil
  return near !== undefined && holds(value, op, near) ? { verdict: 'inconclusive', value } : { verdict: 'fail', value }
}

function holds(value: number, op: MetricCheck['must']['op'], bound: number): boolean {
  switch (op) {
    case '<':
      return value < bound
    case '<=':
      return value <= bound
    case '>':
      return value > bound
    case '>=':
      return value >= bound
  }
}
