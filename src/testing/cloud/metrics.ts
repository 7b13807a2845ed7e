import { callFailed, rolloutError } from '../../core/errors.ts'
import type { MetricQuery, MetricSource, Sample } from '../../core/metric-source.ts'
import type { FaultPlan } from './faults.ts'
import { SCHEME } from './site.ts'
import { routesOf } from './traffic.ts'
import type { TrueInstance, Truth } from './truth.ts'

/** What can be asked for. */
const QUERIES = ['error-rate', 'instances-in-traffic'] as const

/**
 * Numbers from the truth: `error-rate` (0 to 1, of requests that reached the release) and `instances-in-traffic`.
 * No traffic is an empty list.
 */
export function createMetrics(truth: Truth, faults: FaultPlan): MetricSource {
  return {
    contract: 1,
    kind: SCHEME,
    read: async ({ query, subject, from, until }) => {
      if (!QUERIES.some((known) => known === query)) throw unknownQuery(query)
      if (faults.happens(25))
        throw callFailed('transient', 'read', 'The metric source is down.', { native: 'ServiceUnavailable' })
      if (faults.happens(26)) return wrongSamples(faults, from)
      const loaded = loadedInstances(truth, subject)
      if (isBlackHole(truth, subject)) return query === 'error-rate' ? [{ at: until, value: 1 }] : [{ at: until, value: 0 }]
      if (loaded.length === 0) return []
      const value = query === 'error-rate' ? errorRate(loaded) : loaded.length
      return [{ at: until, value }] satisfies Sample[]
    },
  }
}

/** No number, none at all, or one that is older than the window. */
function wrongSamples(faults: FaultPlan, from: number): readonly Sample[] {
  return faults.chance(26).pick([[], [{ at: from, value: Number.NaN }], [{ at: from - 600_000, value: 0 }]]) ?? []
}

function loadedInstances(truth: Truth, { group, release }: MetricQuery['subject']): TrueInstance[] {
  return (truth.groups.get(group)?.instances ?? []).filter((one) => one.machine.loaded && one.machine.release === release)
}

function errorRate(loaded: readonly TrueInstance[]): number {
  let sum = 0
  for (const { machine } of loaded) if (machine.behaviour.kind === 'errors-under-traffic') sum += machine.behaviour.share
  return sum / loaded.length
}

/** Requests are sent where nobody takes them. */
function isBlackHole(truth: Truth, { group: id }: MetricQuery['subject']): boolean {
  const group = truth.groups.get(id)
  if (group === undefined || group.instances.some((one) => one.serving)) return false
  return routesOf(group.fleet, group).some((route) => route.inForce > 0)
}

function unknownQuery(name: string) {
  const known = [...QUERIES]
  return rolloutError('name-unknown', `The simulation has no metric "${name}"; it has: ${known.join(', ')}.`, {
    kind: 'metric',
    name,
    known,
  })
}
