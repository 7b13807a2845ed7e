import { callFailed, type CallFailureClass, type RolloutError, UNSENT } from '../../../src/core/errors.ts'
import { isObject } from '../../../src/core/json.ts'

/** What the reasons mean that Google gives; they say more than the status that they come with. */
const REASONS: Readonly<Record<string, CallFailureClass>> = {
  rateLimitExceeded: 'throttled',
  userRateLimitExceeded: 'throttled',
  RATE_LIMIT_EXCEEDED: 'throttled',
  CONCURRENT_OPERATIONS_QUOTA_EXCEEDED: 'throttled',
  quotaExceeded: 'quota',
  limitExceeded: 'quota',
  QUOTA_EXCEEDED: 'quota',
  resourceNotReady: 'transient',
  resourceInUseByAnotherResource: 'conflict',
  conditionNotMet: 'conflict',
  alreadyExists: 'conflict',
}

/** What a status of HTTP means. The client's own code says less: it has one for all conflicts, and another for some of them. */
const STATUSES: Readonly<Record<number, CallFailureClass>> = {
  400: 'invalid',
  401: 'denied',
  403: 'denied',
  404: 'not-found',
  409: 'conflict',
  412: 'conflict',
  429: 'throttled',
}

/** What Google says without a reason of its own, and what there is no status for. */
const SENTENCES: readonly (readonly [RegExp, CallFailureClass])[] = [
  [/Quota exceeded for quota metric .* per minute/i, 'throttled'],
  [/does not have access to service account/i, 'denied'],
  [/Could not load the default credentials|invalid_grant|Unable to detect a Project Id|universe domain/i, 'denied'],
]

/** What the client throws, as far as it matters here. */
interface NativeError {
  readonly message?: string
  readonly code?: number | string
  readonly httpStatusCode?: number
  readonly reason?: string
  readonly cause?: unknown
}

/** Where the client keeps the body of an answer; Compute's own reasons are nowhere else. */
export const BODY = Symbol.for('google-gax.rawHttpResponsePayload')

/** An error of the client as one of imago's, in Google's words. */
export function gcpFailure(call: string, error: unknown): RolloutError<'call-failed'> {
  const { httpStatusCode: status, code } = error as NativeError
  const reason = reasonOf(error)
  const failure = classOf(error as NativeError, reason, status)
  const said = [status ?? (code === undefined ? undefined : `code ${code}`), reason].filter((one) => one !== undefined).join(' ')
  const native = reason ?? (status === undefined ? undefined : String(status))
  const told = said === '' ? `${call} failed` : `Compute Engine answered ${call} with ${said}`
  return callFailed(failure, call, `${told}: ${messageOf(error)}`, { ...(native === undefined ? {} : { native }), cause: error })
}

/** What was not answered says why only in what caused it. */
function messageOf(error: unknown): string {
  const { message = String(error), httpStatusCode: status, cause } = error as NativeError
  const deeper = status !== undefined || cause === undefined ? '' : messageOf(cause)
  return deeper === '' || message.includes(deeper) ? message : deeper.includes(message) ? deeper : `${message}: ${deeper}`
}

function classOf(error: NativeError, reason: string | undefined, status: number | undefined): CallFailureClass {
  const known = reason === undefined ? undefined : REASONS[reason]
  if (known !== undefined) return known
  const sentence = SENTENCES.find(([text]) => text.test(error.message ?? ''))
  if (sentence !== undefined) return sentence[1]
  if (status === undefined) return isUnsent(error) ? 'transient' : 'unknown'
  // A server that failed may have done it, any other answer is a refusal.
  return STATUSES[status] ?? (status >= 500 ? 'unknown' : 'invalid')
}

/** Compute's own reason, from the body as it came; else the one that the client has read for itself. */
function reasonOf(error: unknown): string | undefined {
  const { reason, [BODY]: body } = error as { reason?: string; [BODY]?: unknown }
  const errors = path(parsed(body), 'error', 'errors')
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined
  const told = path(first, 'reason')
  return typeof told === 'string' ? told : reason
}

function isUnsent(error: unknown, depth = 0): boolean {
  if (!isObject(error) || depth > 5) return false
  const { code, cause, error: inner } = error
  return (typeof code === 'string' && UNSENT.has(code)) || isUnsent(cause, depth + 1) || isUnsent(inner, depth + 1)
}

function parsed(body: unknown): unknown {
  if (typeof body !== 'string') return body
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

function path(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce((one, key) => (isObject(one) ? one[key] : undefined), value)
}
