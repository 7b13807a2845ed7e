import type { CallFailureClass } from '../../../src/core/errors.ts'
import type { ActionError } from './resources.ts'

/** What the codes mean by which a group says why it could not launch or end an instance. */
const CODES: Readonly<Record<string, CallFailureClass>> = {
  ZONE_RESOURCE_POOL_EXHAUSTED: 'capacity',
  ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS: 'capacity',
  RESOURCE_POOL_EXHAUSTED: 'capacity',
  IP_SPACE_EXHAUSTED: 'capacity',
  IP_SPACE_EXHAUSTED_WITH_DETAILS: 'capacity',
  STOCKOUT: 'capacity',

  QUOTA_EXCEEDED: 'quota',
  LIMIT_EXCEEDED: 'quota',

  PERMISSIONS_ERROR: 'denied',
  FORBIDDEN: 'denied',
  CONDITION_NOT_MET: 'denied',

  RESOURCE_NOT_FOUND: 'not-found',

  RATE_LIMIT_EXCEEDED: 'throttled',
  RESOURCE_OPERATION_RATE_EXCEEDED: 'throttled',

  INTERNAL_ERROR: 'transient',
  TIMEOUT: 'transient',
  RESOURCE_NOT_READY: 'transient',

  RESOURCE_IN_USE_BY_ANOTHER_RESOURCE: 'conflict',
  RESOURCE_ALREADY_EXISTS: 'conflict',

  INVALID_FIELD: 'invalid',
  INVALID_USAGE: 'invalid',
  INVALID_ARGUMENT: 'invalid',
  UNSUPPORTED_OPERATION: 'invalid',
}

/** What a failed action was due to. */
export function causeOf({ code = '' }: ActionError): CallFailureClass {
  return CODES[code] ?? 'unknown'
}

/** The same for people, in Google's words. */
export function textOf({ code = '', message = '' }: ActionError): string {
  return [code, message].filter((one) => one !== '').join(': ') || 'no reason was given'
}
