import { callFailed, problemsError, type Problem } from '../core/errors.ts'
import type { MetricQuery, MetricSource } from '../core/metric-source.ts'
import { requestJson } from './request.ts'
import { samplesOf } from './samples.ts'

/** Where the numbers are. */
export interface HttpMetricsOptions {
  /**
   * Asked by GET. `{query}`, `{group}`, `{binding}`, `{release}`, `{from}` and `{until}` (epoch milliseconds) are filled in,
   * percent-encoded. User and password in it become an `authorization` header. No error ever shows more than its origin.
   */
  readonly url: string
  /** @default - none */
  readonly headers?: Readonly<Record<string, string>>
  /** Makes the request, for proxies and signatures of one's own. @default - the global one */
  readonly fetch?: typeof fetch
}

const PLACEHOLDER = /\{(\w+)\}/g
const FILLED: Readonly<Record<string, (query: MetricQuery) => string | number>> = {
  query: ({ query }) => query,
  group: ({ subject }) => subject.group,
  binding: ({ subject }) => subject.binding ?? '',
  release: ({ subject }) => subject.release,
  from: ({ from }) => from,
  until: ({ until }) => until,
}

/**
 * A metric source at an HTTP endpoint that answers JSON: a number, `{ "value": number }`, or samples `[{ "at", "value" }]` of
 * the window, also as `{ "samples" }`. An empty body, `null` and no samples are no data. Any status but 2xx, and any other
 * body, is an error. No I/O until it is asked.
 *
 * @throws RolloutError `spec-invalid` for an address that is none, or that has other placeholders.
 */
export function httpMetrics({ url, headers = {}, fetch: send = fetch }: HttpMetricsOptions): MetricSource {
  const problems = problemsOf(url)
  if (problems.length > 0) throw problemsError('spec-invalid', 'This metric source cannot be used', problems)
  return {
    contract: 1,
    kind: 'http',
    async read(query, { signal }) {
      const { address, authorization } = addressOf(url, query)
      const body = await requestJson(send, address, { headers: { ...authorization, ...headers }, signal })
      const samples = samplesOf(body, query)
      if (samples !== undefined) return samples
      throw callFailed('invalid', 'read', `${address.origin} answered with what is no number, no samples and not nothing.`)
    },
  }
}

/** The address that is asked; what is secret in it beside its path goes into a header, because a request has no place for it. */
function addressOf(template: string, query: MetricQuery) {
  const filled = template.replace(PLACEHOLDER, (_, name: string) => encodeURIComponent(FILLED[name]?.(query) ?? ''))
  const address = new URL(filled)
  const { username, password } = address
  address.username = ''
  address.password = ''
  if (username === '' && password === '') return { address, authorization: {} }
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')
  return { address, authorization: { authorization: `Basic ${credentials}` } }
}

/** What is wrong with a template, without a word of what may be secret in it. */
function problemsOf(template: string): Problem[] {
  const allowed = Object.keys(FILLED).map((name) => `{${name}}`)
  const strangers = [...template.matchAll(PLACEHOLDER)].map(([found]) => found).filter((found) => !allowed.includes(found))
  const problems: Problem[] = strangers.map((found) => ({ path: 'url', found, allowed: allowed.join(', ') }))
  const address = template.replace(PLACEHOLDER, 'x')
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol))
    problems.push({ path: 'url', found: 'a text that is none', allowed: 'an address that begins with http:// or https://' })
  return problems
}
