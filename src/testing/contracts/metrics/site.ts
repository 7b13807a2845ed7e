import type { MetricQuery, MetricSource } from '../../../core/metric-source.ts'
import type { ContractTime } from '../time.ts'

/** A question, without its window. */
export type MetricQuestion = Pick<MetricQuery, 'query' | 'subject'>

/** A source as a test wants it: as it should be, unable to answer, or without a word. */
export type MetricCondition = 'well' | 'failing' | 'silent'

/** A source of its own for one test, with what it is known to say about the last minute. */
export interface MetricSite {
  readonly source: MetricSource
  /** Two questions or more, about different subjects, with different answers; one of them zero. */
  readonly known: readonly (MetricQuestion & { readonly value: number })[]
  /** A question that the source understands, about a subject of which it has no numbers. */
  readonly quiet: MetricQuestion
  /** @default - real time */
  readonly time?: ContractTime
  /** Removes what the test left behind. @default - nothing was left */
  dispose?(): void | Promise<void>
}

/** What the suite for metric sources is told. */
export interface MetricContractOptions {
  /** Makes a source; called for every test. */
  create(condition: MetricCondition): MetricSite | Promise<MetricSite>
  /** A query that the source does not know. @default - it takes any */
  readonly unknownQuery?: string
  /** Why the source cannot be made to fail, or to be silent. @default - it can */
  readonly cannot?: { readonly [Condition in Exclude<MetricCondition, 'well'>]?: string }
}
