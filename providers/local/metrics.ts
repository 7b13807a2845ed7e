import { rolloutError } from '../../src/core/errors.ts'
import type { MetricSource, Sample } from '../../src/core/metric-source.ts'
import { LATENCY_BOUNDS_MS, type SecondCounters } from './balancer/table.ts'
import { clientOf, type LocalCloud } from './cloud.ts'

type Measure = (counters: readonly SecondCounters[]) => number

/** Each answers one number for the whole window. */
const MEASURES: Readonly<Record<string, Measure>> = {
  'error-rate': (counters) => sum(counters, (one) => one.failures) / sum(counters, (one) => one.requests),
  'request-rate': (counters) => sum(counters, (one) => one.requests) / spanOf(counters),
  'latency-p99': latencyP99,
}

/**
 * Numbers from the balancer's own counters, by binding, for the last two minutes at most: `error-rate` (0 to 1),
 * `request-rate` (a second), `latency-p99` (ms). No requests is an empty list, and so is a pool that several groups share.
 */
export function localMetrics(cloud: LocalCloud): MetricSource {
  const client = clientOf(cloud)
  return {
    contract: 1,
    kind: 'local',
    async read({ query, subject: { group, binding }, from, until }, { signal }): Promise<readonly Sample[]> {
      const measure = MEASURES[query]
      if (measure === undefined) throw unknownQuery(query)
      const counters = await client.read('metrics.read', { group, binding: binding ?? null, from, until }, { signal })
      return counters.length === 0 ? [] : [{ at: until, value: measure(counters) }]
    },
  }
}

/** Interpolated within the histogram's bucket; above the last bound it is that bound. */
function latencyP99(counters: readonly SecondCounters[]): number {
  const rank = 0.99 * sum(counters, (one) => sum(one.latency, (count) => count))
  let below = 0
  for (const [index, bound] of LATENCY_BOUNDS_MS.entries()) {
    const inside = sum(counters, (one) => one.latency[index] ?? 0)
    const floor = LATENCY_BOUNDS_MS[index - 1] ?? 0
    if (inside > 0 && below + inside >= rank) return floor + ((bound - floor) * (rank - below)) / inside
    below += inside
  }
  return LATENCY_BOUNDS_MS.at(-1) ?? 0
}

/** Counters exist only for seconds with requests; those between the first and the last count too. */
function spanOf(counters: readonly SecondCounters[]): number {
  const moments = counters.map((one) => one.at)
  return (Math.max(...moments) - Math.min(...moments)) / 1_000 + 1
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0)
}

function unknownQuery(name: string) {
  const known = Object.keys(MEASURES)
  return rolloutError('name-unknown', `The local cloud has no metric "${name}"; it has: ${known.join(', ')}.`, {
    kind: 'metric',
    name,
    known,
  })
}
