import type { BindingId, GroupId, ReleaseId } from './snapshot.ts'

/** Which numbers a metric source is asked for. */
export interface MetricQuery {
  readonly query: string
  /** What the number is about. */
  readonly subject: { readonly group: GroupId; readonly binding?: BindingId; readonly release: ReleaseId }
  /** The window, epoch milliseconds; it ends when the question is asked. */
  readonly from: number
  readonly until: number
}

/** One number at one moment. */
export interface Sample {
  readonly at: number
  readonly value: number
}

/** Answers queries with numbers; changes nothing. */
export interface MetricSource {
  readonly contract: 1
  readonly kind: string
  /**
   * Samples of the window that are about the subject and nothing else, one or more. No data is an empty list, never zero, and
   * so is a subject that is not there. What could not be asked throws, and is never taken for no data: RolloutError
   * `call-failed`, or `name-unknown` for a query that the source does not know. Ends when the signal aborts.
   */
  read(query: MetricQuery, context: { readonly signal: AbortSignal }): Promise<readonly Sample[]>
}
