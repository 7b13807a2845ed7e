import assert from 'node:assert/strict'
import type { MetricSource, Sample } from '../../../core/metric-source.ts'
import { realTime, type ContractTime } from '../time.ts'
import type { MetricCondition, MetricQuestion, MetricSite } from './site.ts'

/** Declares one test with a source of its own. */
export type MetricTest = (name: string, body: (metrics: MetricBench) => Promise<void>, condition?: MetricCondition) => void

/** Length of the window that is asked about. */
export const WINDOW_MS = 60_000

/** A metric source under test. */
export class MetricBench {
  readonly source: MetricSource
  readonly known: MetricSite['known']
  readonly quiet: MetricQuestion
  readonly time: ContractTime

  constructor({ source, known, quiet, time = realTime }: MetricSite) {
    assert.ok(new Set(known.map((one) => one.value)).size > 1, 'the site knows two different numbers at least')
    this.source = source
    this.known = known
    this.quiet = quiet
    this.time = time
  }

  /** A question about the last minute, or another one. */
  ask(question: MetricQuestion, signal = new AbortController().signal, until = this.time.now()): Promise<readonly Sample[]> {
    const { query, subject } = question
    return this.time.settled(this.source.read({ query, subject, from: until - WINDOW_MS, until }, { signal }))
  }

  /** The newest number of the last minute. */
  async newest(question: MetricQuestion): Promise<number | undefined> {
    return (await this.ask(question)).toSorted((a, b) => a.at - b.at).at(-1)?.value
  }
}
