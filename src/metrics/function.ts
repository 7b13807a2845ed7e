import { callFailed, isRolloutError } from '../core/errors.ts'
import type { MetricQuery, MetricSource, Sample } from '../core/metric-source.ts'
import { samplesOf } from './samples.ts'

/** What a function of one's own answers: the number of now, samples of the window, or nothing where there is no data. */
export type Reading = number | readonly Sample[] | null | undefined

/** Asked for the numbers of one subject in one window; the signal aborts when nobody waits any more. */
export type ReadMetric = (query: MetricQuery, context: { readonly signal: AbortSignal }) => Reading | Promise<Reading>

/**
 * A metric source made of a function. What it throws is an error and never no data; so is an answer that is no finite number.
 */
export function functionMetrics(read: ReadMetric): MetricSource {
  return {
    contract: 1,
    kind: 'function',
    async read(query, { signal }) {
      const answer = await untilAborted(signal, () => ask(read, query, signal))
      const samples = samplesOf(answer, query)
      if (samples !== undefined) return samples
      throw callFailed(
        'invalid',
        'read',
        `The function answered "${query.query}" with what is no number, no samples and not nothing.`,
      )
    },
  }
}

async function ask(read: ReadMetric, query: MetricQuery, signal: AbortSignal): Promise<Reading> {
  try {
    return await read(query, { signal })
  } catch (cause) {
    if (isRolloutError(cause)) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    throw callFailed('transient', 'read', `The function failed over "${query.query}": ${why}`, { cause })
  }
}

/** A function need not heed the signal: what it says afterwards is not waited for. */
async function untilAborted<T>(signal: AbortSignal, body: () => Promise<T>): Promise<T> {
  const letGo = () => callFailed('transient', 'read', 'Nobody waits for the function any more.')
  if (signal.aborted) throw letGo()
  const over = Promise.withResolvers<never>()
  const stop = () => over.reject(letGo())
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([over.promise, body()])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
