import type { Harness } from './harness.ts'
import { answerTests, strangerTests } from './metrics/answers.ts'
import { MetricBench, type MetricTest } from './metrics/bench.ts'
import { failingTests, letGoTests, silentTests } from './metrics/failures.ts'
import type { MetricCondition, MetricContractOptions } from './metrics/site.ts'

/** Declares the tests that every `MetricSource` must pass: each sentence of the port is one of them or more. */
export function metricContract(harness: Harness, options: MetricContractOptions): void {
  const { unknownQuery, cannot = {} } = options
  const test: MetricTest = (name, body, condition = 'well') => harness.it(name, () => withSource(options, condition, body))
  const where = (name: string, why: string | undefined, declare: () => void) =>
    why === undefined ? harness.describe(name, declare) : harness.skip(name, why)
  harness.describe('a metric source', () => {
    harness.describe('its answers', () => answerTests(test))
    harness.describe('letting go', () => letGoTests(test))
    where('a query that it does not know', unknownQuery === undefined ? 'it takes any query' : undefined, () =>
      strangerTests(test, unknownQuery ?? ''),
    )
    where('while it fails', cannot.failing, () => failingTests(test))
    where('while it says nothing', cannot.silent, () => silentTests(test))
  })
}

async function withSource(
  options: MetricContractOptions,
  condition: MetricCondition,
  body: (metrics: MetricBench) => Promise<void>,
): Promise<void> {
  const site = await options.create(condition)
  try {
    await body(new MetricBench(site))
  } finally {
    await site.dispose?.()
  }
}
