import { expect, test } from 'vitest'
import { callFailed } from '../../src/core/errors.ts'
import type { MetricQuery, MetricSource, Sample } from '../../src/core/metric-source.ts'
import { functionMetrics } from '../../src/metrics/function.ts'
import { metricContract } from '../../src/testing/contracts/metric-source.ts'
import type { MetricContractOptions } from '../../src/testing/contracts/metrics/site.ts'
import { firstFailure } from './first-failure.ts'
import { functions, simulatedMetrics } from './metric-sites.ts'

type Fault = (right: MetricSource) => Partial<MetricSource>

/** What a source with one fault does otherwise than a right one. */
const FAULTS: Readonly<Record<string, Fault>> = {
  'answers with zero where it has no data': answering((samples, { until }) =>
    samples.length === 0 ? [{ at: until, value: 0 }] : samples,
  ),
  'has no data where the answer is zero': answering((samples) => samples.filter((one) => one.value !== 0)),
  'throws where it has no data': answering((samples) => {
    if (samples.length === 0) throw callFailed('not-found', 'read', 'There is nothing.')
    return samples
  }),
  'throws about a subject that is not there': (right) => ({
    read: (query, context) =>
      query.subject.group.endsWith('-none')
        ? Promise.reject(callFailed('not-found', 'read', 'There is no such group.'))
        : right.read(query, context),
  }),
  'answers about everybody at once': (right) => ({
    read: (query, context) => right.read({ ...query, subject: { group: 'shop', binding: 'shop', release: 'img-2' } }, context),
  }),
  'takes a failure for no data': (right) => ({ read: (...given) => right.read(...given).catch(() => []) }),
  'does not class its failures': (right) => ({
    read: (...given) => right.read(...given).catch((error: Error) => Promise.reject(new Error(error.message))),
  }),
  'takes an unknown query for no data': (right) => ({
    read: (query, context) => (query.query === 'error-rate' ? right.read(query, context) : Promise.resolve([])),
  }),
  'answers with what was before the window': answering((samples, { from }) =>
    samples.map(({ value }) => ({ at: from - 600_000, value })),
  ),
  'tells moments in seconds': answering((samples) => samples.map(({ at, value }) => ({ at: at / 1_000, value }))),
  'answers with a number that is none beside the one that is': answering((samples, { from }) =>
    samples.flatMap((one) => [{ at: from, value: Number.NaN }, one]),
  ),
  'answers with the oldest number as if it were the newest': answering((samples, { until }) =>
    samples.flatMap(({ value }) => [
      { at: until, value: value + 1 },
      { at: until - 1, value },
    ]),
  ),
  'counts itself': (right) => {
    let count = 0
    return {
      read: async (query, context) =>
        (await right.read(query, context)).map(({ at, value }) => ({ at, value: value + count++ / 1e12 })),
    }
  },
  'never ends when it is let go': (right) => ({
    read: (query, context) => (context.signal.aborted ? new Promise(() => undefined) : right.read(query, context)),
  }),
}

test('a right source passes', async () => {
  expect(await failureOf(simulatedMetrics())).toBeUndefined()
  expect(await failureOf(functions)).toBeUndefined()
})

test.for(Object.keys(FAULTS))('a source that %s does not pass', async (name) => {
  expect(await failureOf(simulatedMetrics(FAULTS[name]))).toBeDefined()
})

test('a source that waits for its answer though nobody else does, does not pass', async () => {
  const create: MetricContractOptions['create'] = async (condition) => {
    const site = await functions.create(condition)
    const answered = functionMetrics(() => 1).read
    // Late, and not never: a test that hangs finds nothing.
    return condition === 'silent'
      ? { ...site, source: { ...site.source, read: (query) => answered(query, { signal: AbortSignal.any([]) }) } }
      : site
  }
  expect(await failureOf({ ...functions, create })).toBeDefined()
})

function failureOf(options: MetricContractOptions): Promise<string | undefined> {
  return firstFailure((harness) => metricContract(harness, options))
}

function answering(change: (samples: readonly Sample[], query: MetricQuery) => readonly Sample[]): Fault {
  return (right) => ({ read: async (query, context) => change(await right.read(query, context), query) })
}
