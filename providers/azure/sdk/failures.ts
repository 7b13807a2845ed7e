import { callFailed, type CallFailureClass, type RolloutError, UNSENT } from '../../../src/core/errors.ts'
import type { ArmError } from './heard.ts'

/** What Azure's error codes mean, of calls and of instances that could not be made. */
const CLASSES: Readonly<Record<string, CallFailureClass>> = {
  TooManyRequests: 'throttled',
  SubscriptionRequestsThrottled: 'throttled',
  ResourceRequestsThrottled: 'throttled',

  ServiceUnavailable: 'transient',
  ServerBusy: 'transient',
  OSProvisioningTimedOut: 'transient',
  OSProvisioningInternalError: 'transient',
  VMStartTimedOut: 'transient',
  VMExtensionProvisioningTimeout: 'transient',

  Conflict: 'conflict',
  PreconditionFailed: 'conflict',
  OperationPreempted: 'conflict',
  AnotherOperationInProgress: 'conflict',
  CanceledAndSupersededDueToAnotherOperation: 'conflict',
  // Networking answers 429 when somebody else holds its lock.
  RetryableErrorDueToAnotherOperation: 'conflict',

  NotFound: 'not-found',
  ResourceNotFound: 'not-found',
  ResourceGroupNotFound: 'not-found',
  ParentResourceNotFound: 'not-found',
  SubscriptionNotFound: 'not-found',
  ImageNotFound: 'not-found',
  PlatformImageNotFound: 'not-found',
  ArtifactNotFound: 'not-found',

  AuthorizationFailed: 'denied',
  AuthenticationFailed: 'denied',
  LinkedAuthorizationFailed: 'denied',
  InvalidAuthenticationToken: 'denied',
  InvalidAuthenticationTokenTenant: 'denied',
  ExpiredAuthenticationToken: 'denied',
  RequestDisallowedByPolicy: 'denied',
  ScopeLocked: 'denied',
  MissingSubscriptionRegistration: 'denied',
  SubscriptionNotRegisteredForFeature: 'denied',
  ReadOnlyDisabledSubscription: 'denied',
  CredentialUnavailableError: 'denied',
  AuthenticationError: 'denied',
  AuthenticationRequiredError: 'denied',
  AggregateAuthenticationError: 'denied',

  QuotaExceeded: 'quota',
  ResourceQuotaExceeded: 'quota',

  AllocationFailed: 'capacity',
  ZonalAllocationFailed: 'capacity',
  OverconstrainedAllocationRequest: 'capacity',
  OverconstrainedZonalAllocationRequest: 'capacity',
  SkuNotAvailable: 'capacity',
  SubnetIsFull: 'capacity',

  BadRequest: 'invalid',
  InvalidParameter: 'invalid',
  InvalidRequestContent: 'invalid',
  PropertyChangeNotAllowed: 'invalid',
}

/** One code for two things, which only the text tells apart: a quota that is used up, and a state in which it cannot be done. */
const OVERLOADED = 'OperationNotAllowed'
/** A wrapping: what was the matter stands in its details. */
const WRAPPING = new Set(['ResourceOperationFailure', 'DeploymentFailed', 'VMScaleSetOperationFailure'])

/** The statuses that say more than that the request was refused. */
const STATUSES: Readonly<Record<number, CallFailureClass>> = {
  401: 'denied',
  403: 'denied',
  404: 'not-found',
  408: 'unknown',
  409: 'conflict',
  412: 'conflict',
  429: 'throttled',
  503: 'transient',
}

/** What the SDK throws, as far as it matters here. It is told by what it has, for each package may have a class of its own. */
interface NativeError {
  readonly name?: string
  readonly message?: string
  readonly code?: string
  readonly statusCode?: number
  readonly response?: { readonly headers?: { get(name: string): string | undefined } }
}

/** An error of the SDK as one of imago's, in Azure's words, which the SDK may have lost. */
export function azureFailure(call: string, error: unknown, said: ArmError): RolloutError<'call-failed'> {
  const { name = 'Error', message = '', code, statusCode, response } = error as NativeError
  const { code: inner, message: words } = deepest({ code: code ?? '', message, ...said })
  const native = [inner, statusCode?.toString()].find((one) => one !== undefined && one !== '') ?? name
  const failure = classAt(statusCode, native, words ?? '') ?? classOf(name, message) ?? unlisted(native, statusCode)
  const retryAfterMs = waitOf(response?.headers)
  return callFailed(failure, call, `Azure answered ${call} with ${native}: ${words ?? message}`, {
    native,
    cause: error,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}

/** Why an operation failed that was accepted, in Azure's words: of several reasons the first that is understood. */
export function operationFailure(error: ArmError): { readonly class: CallFailureClass; readonly message: string } {
  const { code = '', message = '' } = deepest(error)
  return { class: classOf(code, message) ?? 'invalid', message: `Azure gave it up with ${code}: ${message}` }
}

/** Azure throttles by the overloaded code, too; the status tells. */
function classAt(status: number | undefined, code: string, message: string): CallFailureClass | undefined {
  return status === 429 && code === OVERLOADED ? 'throttled' : classOf(code, message)
}

/** What a code stands for; `undefined` for one that is not in the table. */
export function classOf(code: string, message: string): CallFailureClass | undefined {
  if (code === OVERLOADED) return /quota/i.test(message) ? 'quota' : 'conflict'
  return Object.hasOwn(CLASSES, code) ? CLASSES[code] : undefined
}

/** The error inside a wrapping, with its own words; of an overloaded one the detail that decides. */
function deepest(error: ArmError): ArmError {
  const { code = '', details = [] } = error
  const told = details.find((one) => classOf(one.code ?? '', one.message ?? '') !== undefined)
  if (told === undefined || (classOf(code, '') !== undefined && code !== OVERLOADED && !WRAPPING.has(code))) return error
  return told
}

/** What is not in the table: a server that failed may have done it, any other answer is a refusal. */
function unlisted(native: string, status: number | undefined): CallFailureClass {
  if (UNSENT.has(native)) return 'transient'
  if (status === undefined) return 'unknown'
  return STATUSES[status] ?? (status >= 500 ? 'unknown' : 'invalid')
}

/** How long Azure asks to wait: in milliseconds, or in seconds. */
function waitOf(headers: { get(name: string): string | undefined } | undefined): number | undefined {
  const [exact, wait] = [headers?.get('x-ms-retry-after-ms'), headers?.get('retry-after')]
  const ms = exact === undefined ? Number(wait) * 1_000 : Number(exact)
  return Number.isFinite(ms) ? ms : undefined
}
